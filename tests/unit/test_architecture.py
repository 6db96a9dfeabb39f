"""What ARCHITECTURE.md and pyproject.toml say of the house is what stands in it."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
CONTRACTS = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
SOURCES = ("diana_engine", "cli", "schema", "stories")
MODULES = sorted(
    path
    for source in SOURCES
    for path in (ROOT / source).rglob("*.py")
    if "__pycache__" not in path.parts
)
# What `diana --help` must not wait for.
HEAVY = {"aiogram", "sqlalchemy", "networkx", "jsonschema", "rich"}
LONGEST = 500
# The contracts whose layers the table tells, and what it says of the lowest layer of each.
LAYERED = {
    "engine-layers": "nothing",
    "compiler-layers": "nothing of the compiler",
    "states-layers": "nothing of the analysis of states",
}
# A module that is longer on purpose: its path, and the reason.
LONGER: dict[str, str] = {}
# Where the name one imports is not the name one installs.
DISTRIBUTIONS = {"prometheus_client": "prometheus-client", "yaml": "pyyaml"}


def name_of(path: Path) -> str:
    """Return the installed name of a folder or module of the checkout."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    installed = {folder: name for name, folder in SETUPTOOLS["package-dir"].items()}
    return ".".join((installed.get(parts[0], parts[0]), *parts[1:]))


def folder_of(package: str) -> Path:
    """Return the folder of the checkout that is installed as `package`."""
    for name, folder in SETUPTOOLS["package-dir"].items():
        if package == name or package.startswith(f"{name}."):
            return ROOT / folder / package.removeprefix(name).lstrip(".").replace(".", "/")
    return ROOT / package.replace(".", "/")


PACKAGES = {name_of(path): path.parent for path in MODULES if path.name == "__init__.py"}


def id_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), id_of(path))


def duty_of(module: Path) -> str:
    """Return the first line of a module's docstring."""
    docstring = ast.get_docstring(tree_of(module))
    assert docstring, f"{id_of(module)} has no docstring"
    return docstring.partition("\n")[0]


# ARCHITECTURE.md's table


def table() -> dict[str, tuple[str, str]]:
    """Return the table's rows: a package's name, then its duty and what it may import."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    [rows] = re.findall(
        r"^\| package \| duty \| may import \|\n\|[-| ]+\|\n((?:\|.*\|\n)+)", text, re.MULTILINE
    )
    cells = [re.split(r" *(?<!\\)\| *", row.strip())[1:-1] for row in rows.splitlines()]
    found = {name.strip("`"): (duty, imports) for name, duty, imports in cells}
    assert len(found) == len(cells), "a package stands in the table twice"
    return found


def layers(contract: str = "engine-layers") -> list[list[str]]:
    """Return a contract's layers from the top, each as the full names that stand side by side."""
    [container] = CONTRACTS[contract]["containers"]
    return [
        [f"{container}.{name.strip(' ()')}" for name in re.split(r"[|:]", layer)]
        for layer in CONTRACTS[contract]["layers"]
    ]


def promised_imports(name: str) -> str:
    """Return what the contracts allow `name` to import, in the words of the table."""
    if name == "diana_cli":
        return "`diana_engine`"
    if name in {"diana_engine", "diana_stories"}:
        return "nothing" if name == "diana_stories" else "its own modules, when asked for a name"
    for contract, nothing in LAYERED.items():
        ordered = layers(contract)
        for depth, layer in enumerate(ordered):
            if name in layer:
                return _layer_below(ordered[depth + 1 :], nothing)
    parent = name.rpartition(".")[0]
    apart = name in layers("adapters-apart")[0]
    return f"as `{_short(parent)}`" + (", never another adapter" if apart else "")


def _layer_below(lower: list[list[str]], nothing: str) -> str:
    if not lower:
        return nothing
    names = ", ".join(f"`{_short(name)}`" for name in lower[0])
    return f"{names} and below" if lower[1:] else names


def _short(name: str) -> str:
    return name.removeprefix("diana_engine.")


def told() -> dict[str, Path]:
    """Return everything that the table must list: every package, and modules that are layers."""
    in_layers = {
        name: folder_of(name).with_suffix(".py")
        for contract in LAYERED
        for layer in layers(contract)
        for name in layer
    }
    modules = {name: path for name, path in in_layers.items() if name not in PACKAGES}
    return {name: folder / "__init__.py" for name, folder in PACKAGES.items()} | modules


def test_the_table_lists_every_package_and_no_other() -> None:
    assert sorted(table()) == sorted(_short(name) for name in told())


@pytest.mark.parametrize("name", sorted(told()))
def test_the_table_tells_a_package_s_duty_in_the_words_of_its_docstring(name: str) -> None:
    duty, _ = table()[_short(name)]
    assert duty == duty_of(told()[name])


@pytest.mark.parametrize("name", sorted(told()))
def test_the_table_tells_what_the_contracts_let_a_package_import(name: str) -> None:
    _, imports = table()[_short(name)]
    assert imports == promised_imports(name)


@pytest.mark.parametrize("contract", LAYERED)
def test_the_table_goes_from_the_top_layer_to_the_bottom(contract: str) -> None:
    top_down = [name for layer in layers(contract) for name in layer]
    listed = [f"diana_engine.{name}" for name in table()]
    assert [name for name in listed if name in top_down] == top_down


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_a_path_that_a_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = re.findall(r"`([\w./-]+(?:/|\.(?:py|md|json|toml)))`", text)
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert [path for path in (*named, *linked) if not (ROOT / path).exists()] == []


def test_the_stages_of_a_step_are_modules() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    [walk] = re.findall(r"^## A player's step\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    stages = re.findall(r"^\| \d+ \| (.*?) \|", walk, re.MULTILINE)
    assert len(stages) > 9
    for module in re.findall(r"`([\w.]+)`", " ".join(stages)):
        assert ROOT.joinpath("diana_engine", *module.split(".")).with_suffix(".py").exists(), module


# The import contracts


def test_the_import_contracts_hold() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


def test_the_pure_core_is_every_layer_from_compiler_down_to_source() -> None:
    ordered = [name for layer in layers() for name in layer]
    core = ordered[
        ordered.index("diana_engine.compiler") : ordered.index("diana_engine.source") + 1
    ]
    core.remove("diana_engine.database")
    assert sorted(CONTRACTS["pure-core"]["source_modules"]) == sorted(core)


def test_only_the_database_and_data_files_are_outside_the_contract_on_sql() -> None:
    every = {name for layer in layers() for name in layer}
    free = every - set(CONTRACTS["sql-in-database"]["source_modules"])
    assert free == {"diana_engine.database", "diana_engine.schema"}


# Packaging


def test_the_packages_of_setuptools_are_those_on_the_disk() -> None:
    assert SETUPTOOLS["packages"] == sorted(PACKAGES)


def test_every_folder_with_python_is_a_package() -> None:
    assert {path.parent for path in MODULES} == set(PACKAGES.values())


def _packaged(package: str) -> set[Path]:
    """Return the files beside Python that the wheel takes from a package's folder."""
    data = SETUPTOOLS["package-data"]
    patterns = [*data["*"], *data.get(package, [])]
    return {path for pattern in patterns for path in PACKAGES[package].glob(pattern)}


@pytest.mark.parametrize(
    ("package", "pattern"),
    [
        (package, pattern)
        for package, patterns in SETUPTOOLS["package-data"].items()
        for pattern in patterns
    ],
)
def test_every_pattern_of_package_data_finds_a_file(package: str, pattern: str) -> None:
    folders = PACKAGES.values() if package == "*" else [PACKAGES[package]]
    found = [path for folder in folders for path in folder.glob(pattern) if path.is_file()]
    assert [path for path in found if path.suffix not in {".py", ".pyc"}]


def test_every_data_file_of_a_package_is_packaged() -> None:
    packaged = {path for package in PACKAGES for path in _packaged(package)}
    on_disk = {
        path
        for source in SOURCES
        for path in (ROOT / source).rglob("*")
        if path.is_file() and not re.search(r"__pycache__|\.py$|\.pyc$|\.db$", path.as_posix())
    }
    assert sorted(map(id_of, on_disk - packaged)) == []


def _imported() -> Iterator[tuple[str, str]]:
    """Yield a module's path and the first name of each package that it imports from outside."""
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.ImportFrom) and node.level:
                continue
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                yield id_of(path), name.partition(".")[0]


def test_what_the_code_imports_is_a_dependency() -> None:
    asked = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["postgresql"],
        *PROJECT["project"]["optional-dependencies"]["bench"],
    ]
    known = {re.split(r"[^A-Za-z0-9_-]", line)[0] for line in asked} | {"diana_engine"}
    unknown = {
        (path, name)
        for path, name in _imported()
        if name not in sys.stdlib_module_names and DISTRIBUTIONS.get(name, name) not in known
    }
    assert sorted(unknown) == []


def test_the_command_is_imported_without_what_takes_long() -> None:
    code = "import json, sys; import diana_cli.main; print(json.dumps(sorted(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    assert not HEAVY & set(json.loads(result.stdout))


# Manners


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_every_module_and_public_name_says_in_a_sentence_what_it_is(path: Path) -> None:
    tree = tree_of(path)
    public = [tree, *_public(tree)]
    silent = [
        f"{id_of(path)}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', 'the module')}"
        for node in public
        if not _is_sentence((ast.get_docstring(node) or "").partition("\n")[0])
    ]
    assert silent == []


def _public(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [node for node in tree.body if isinstance(node, kinds)]
    methods = [
        method
        for node in found
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        for method in node.body
        if isinstance(method, kinds) and not _is_overload(method)
    ]
    return [node for node in (*found, *methods) if not node.name.startswith("_")]


def _is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    said = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(said & {"overload", "override", "setter"})


def _is_sentence(line: str) -> bool:
    return bool(line) and line[-1] in ".?!:"


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_no_module_is_long_without_a_reason(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST or id_of(path) in LONGER


def test_no_module_is_excused_that_need_not_be() -> None:
    for name in LONGER:
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) > LONGEST
