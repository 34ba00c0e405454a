"""The C files of this project, and what all the checks need of them.

Paths are relative to the repository's root, which becomes the working directory."""
import glob
import os
import re
import sys

os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# A layer and the layers that its files may include, itself apart.
LAYERS = {
    "base": [],
    "gpu": ["base"],
    "schema": ["base"],
    "clients": ["base"],
    "resources": ["base", "gpu", "schema", "clients"],
    "provider": ["base", "gpu", "schema", "clients", "resources"],
}


def _of_layers(pattern):
    return sorted(path for layer in LAYERS for path in glob.glob(f"{layer}/{pattern}"))


def product():
    return _of_layers("*.c")


def headers():
    return _of_layers("*.h")


def tests():
    return sorted(glob.glob("tests/**/*.[ch]", recursive=True))


def everything():
    return product() + headers() + tests()


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


_COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code_lines(path):
    """The lines of PATH with comments and the insides of literals blanked, numbered from 1."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return enumerate(_COMMENT_OR_TEXT.sub(blank, read(path)).split("\n"), 1)


def report(problems, rule):
    """Prints PROBLEMS and ends the check: one line each, RULE where there are any."""
    for problem in problems:
        print(problem)
    if problems:
        print(rule)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    GROUPS = {"product": product, "headers": headers, "tests": tests, "all": everything}
    if len(sys.argv) != 2 or sys.argv[1] not in GROUPS:
        sys.exit("usage: tools/sources.py " + " | ".join(GROUPS))
    print("\n".join(GROUPS[sys.argv[1]]()))
