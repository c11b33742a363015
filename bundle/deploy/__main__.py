"""``python -m bundle.deploy -i STUDY -o OUT``; run it outside the bundle's folder, see ``docs/deploy.md``."""

from .app import main

if __name__ == "__main__":
    main()
