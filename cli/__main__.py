"""`python -m diana_cli` is the command too, for where scripts are not on the path."""

from .main import main

if __name__ == "__main__":
    main()
