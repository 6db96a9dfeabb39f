"""What was proved of a story, told to its writer: each finding at its words, with a play that shows it."""

from diana_engine.compiler.analysis.proofs.every import findings_of_proof

__all__ = ["findings_of_proof"]
