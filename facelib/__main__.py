"""``python -m facelib``."""

from facelib.cli.main import main

if __name__ == "__main__":
    main()
