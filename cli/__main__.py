"""`python -m diana_cli` is the command too, for where scripts are not on the path."""

from .main import run

if __name__ == "__main__":
    run()
