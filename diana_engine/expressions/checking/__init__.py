"""From syntax trees to terms: names resolved and types checked."""
