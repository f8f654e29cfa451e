# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Images as tar files are read as the system that a container would have, whatever is in them."""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pkgtools.bytecode.compiling import Compilers, find_compilers
from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.check.verification import verify_package
from pkgtools.model.package import CodeMatch, Package, PackageManager, PycFacts, SourceFacts
from pkgtools.readers.image.image import Image
from pkgtools.readers.system.installed import read_root
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.facts import InstalledPath
from tests.lab.needs import need_tools
from tests.readers.images import (
    DIRECTORY,
    PACKED,
    Made,
    described,
    docker_image,
    hardlink,
    layer,
    oci_image,
    oci_manifest,
    simple_oci_image,
    symlink,
)
from tests.rules.bytecode import SOURCE, cached, hashed, pyc

M = "/usr/share/acme/m.py"
PYC = cached(M)
LOWER = layer(
    ("usr", DIRECTORY),
    ("usr/share", DIRECTORY),
    ("usr/share/acme", DIRECTORY),
    (M[1:], SOURCE.encode()),
    ("usr/share/acme/__pycache__", DIRECTORY),
    (PYC[1:], pyc(M)),
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "image.tar"
        path.write_bytes(content)
        return path

    return write


@pytest.fixture(scope="module")
def compilers() -> Compilers:
    return find_compilers(workers=1)


def read(path: Path) -> Package:
    return Image(path).read(ReadingOptions())


def paths(package: Package) -> list[str]:
    return sorted(one.path for one in package.files if not one.is_directory)


def size_of(package: Package, path: str) -> int:
    facts = next(one.facts for one in package.files if one.path == path)
    assert isinstance(facts, SourceFacts | PycFacts)
    return facts.size


@pytest.mark.parametrize("pack", PACKED)
@pytest.mark.parametrize("wrap", [docker_image, simple_oci_image])
def test_every_compression_of_layers_is_read(
    write: Callable[[bytes], Path], wrap: Callable[..., bytes], pack: str, compilers: Compilers
) -> None:
    need_tools(["zstd"], root=False)
    image = Image(write(wrap(PACKED[pack](LOWER))))
    package = verify_package(image.read(ReadingOptions()), compilers, image.fetch)
    found = {str(one.path): one for one in package.files}
    assert paths(package) == sorted([M, PYC])
    assert found["/usr/share/acme"].is_directory
    facts = found[PYC].facts
    assert isinstance(facts, PycFacts)
    assert facts.match is CodeMatch.EQUAL


@pytest.mark.parametrize("pack", PACKED)
def test_a_plain_file_tree_is_one_layer_without_whiteouts(write: Callable[[bytes], Path], pack: str) -> None:
    need_tools(["zstd"], root=False)
    tree = layer((f".{M}", SOURCE.encode()), ("./usr/share/acme/.wh.m.py", b""))
    assert paths(read(write(PACKED[pack](tree)))) == ["/usr/share/acme/.wh.m.py", M]


@pytest.mark.parametrize(
    ("upper", "expected"),
    [
        pytest.param([(M[1:], b"other = 1\n")], [M, PYC], id="file replaced"),
        pytest.param([("usr/share/acme/.wh.m.py", b"")], [PYC], id="file removed"),
        pytest.param([("usr/share/.wh.acme", b"")], [], id="directory removed"),
        pytest.param([("usr/share/acme/.wh..wh..opq", b"")], [], id="directory emptied"),
        pytest.param(
            [("usr/share/acme/n.py", b""), ("usr/share/acme/.wh..wh..opq", b"")],
            ["/usr/share/acme/n.py"],
            id="emptied behind an own file",
        ),
        pytest.param([("usr/share/.wh.acme", b""), (M[1:], b"")], [M], id="removed and made again"),
        pytest.param([(M[1:], b""), ("usr/share/.wh.acme", b"")], [M], id="made again and removed"),
        pytest.param([("usr/share/acme", b"")], [], id="a file for a directory"),
        pytest.param([("usr/share/acme", symlink("/opt"))], [], id="a link for a directory"),
        pytest.param([("usr/share/acme", DIRECTORY)], [M, PYC], id="the directory again"),
        pytest.param([(f"{M[1:]}/n.py", b"")], [f"{M}/n.py", PYC], id="a directory for a file"),
        pytest.param([("n.py", hardlink(M[1:])), ("usr/.wh.share", b"")], [], id="link to what is removed"),
        pytest.param([("n.py", hardlink(M[1:]))], ["/n.py", M, PYC], id="hard link to a lower layer"),
        pytest.param([("../../../n.py", b"")], ["/n.py", M, PYC], id="out of the root directory"),
        pytest.param([("opt", symlink("usr/share")), ("opt/acme/n.py", b"")], None, id="through a link"),
        pytest.param([("opt", symlink("../../usr/./share")), ("opt/acme/n.py", b"")], None, id="through dots"),
        pytest.param([("opt", symlink("/opt")), ("opt/n.py", b"")], [M, PYC], id="through a loop"),
    ],
)
def test_layers_are_put_upon_one_another(
    write: Callable[[bytes], Path], upper: list[tuple[str, bytes | Made]], expected: list[str] | None
) -> None:
    expected = [M, "/usr/share/acme/n.py", PYC] if expected is None else expected
    assert paths(read(write(docker_image(LOWER, layer(*upper))))) == sorted(expected)


def test_content_is_that_of_the_topmost_layer(write: Callable[[bytes], Path]) -> None:
    image = Image(write(docker_image(LOWER, layer((M[1:], b"other = 1\n")), layer(("x.py", hardlink(M[1:]))))))
    package = image.read(ReadingOptions())
    assert size_of(package, M) == size_of(package, "/x.py") == 10
    assert image.fetch(set(map(InstalledPath, (M, PYC, "/nowhere")))) == {M: b"other = 1\n", PYC: pyc(M)}


def test_an_older_name_keeps_its_content_when_the_newer_one_goes(write: Callable[[bytes], Path]) -> None:
    lower = layer((M[1:], SOURCE.encode()), ("n.py", hardlink(M[1:])))
    package = read(write(docker_image(lower, layer((M[1:], b"")))))
    assert (size_of(package, M), size_of(package, "/n.py")) == (0, len(SOURCE))


def test_hash_based_pycs_are_compared_with_their_sources(write: Callable[[bytes], Path], compilers: Compilers) -> None:
    stale = hashed(M, of="something else")
    image = Image(write(docker_image(layer((M[1:], SOURCE.encode()), (PYC[1:], stale)))))
    package = verify_package(image.read(ReadingOptions()), compilers, image.fetch)
    assert [one.facts.match for one in package.files if isinstance(one.facts, PycFacts)] == [CodeMatch.STALE]


def test_an_image_is_the_same_system_as_the_directory_that_it_was_made_of(tmp_path: Path) -> None:
    top = tmp_path / "root"
    for path, content in {
        M: SOURCE.encode(),
        PYC: pyc(M),
        "/usr/bin/python3.11": b"",
        "/usr/local/bin/python3.12": b"",
        "/etc/environment": b"PYTHONPYCACHEPREFIX=/var/cache/python\n",
        "/var/lib/dpkg/info/acme:amd64.list": f"/.\n{M}\n".encode(),
        "/var/lib/dpkg/info/acme:amd64.md5sums": f"{'0' * 32}  {M[1:]}\n".encode(),
        "/home/x/m.py": b"",
    }.items():
        (top / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (top / path[1:]).write_bytes(content)
    subprocess.run(["tar", "-C", str(top), "-cf", str(tmp_path / "x.tar"), "."], check=True)
    image, root = read(tmp_path / "x.tar"), read_root(top, ReadingOptions())
    assert {one.path: (one.package, one.digest, one.is_intact, one.mode, one.facts) for one in image.files} == {
        one.path: (one.package, one.digest, one.is_intact, one.mode, one.facts) for one in root.files
    }
    assert (image.tags, image.settings, image.family) == (root.tags, root.settings, root.family)
    assert [one.package for one in image.files if one.path == M] == ["acme"]
    assert image.tags == {"cpython-311", "cpython-312"}
    assert [one.name for one in image.settings] == ["PYTHONPYCACHEPREFIX"]


def test_owners_of_an_image_without_dpkg(write: Callable[[bytes], Path]) -> None:
    package = read(
        write(
            docker_image(
                LOWER,
                layer(
                    ("var/lib/dpkg/status.d/YWNtZQ", b"Package: acme\nVersion: 1\n"),
                    ("var/lib/dpkg/status.d/YWNtZQ.md5sums", f"{'0' * 32}  {M[1:]}\n".encode()),
                ),
            )
        )
    )
    found = {str(one.path): one for one in package.files}
    assert (found[M].package, found[M].is_intact, package.family) == ("acme", False, PackageManager.DPKG)


def test_the_state_of_the_topmost_layer_counts(write: Callable[[bytes], Path]) -> None:
    name = "var/lib/dpkg/info/{}.list"
    lower = layer((name.format("old"), f"{M}\n".encode()), (M[1:], b""))
    upper = layer((".wh.nothing", b""), ("var/lib/dpkg/info/.wh.old.list", b""), (name.format("new"), b"/m\n"))
    package = read(write(docker_image(lower, upper)))
    assert [one.package for one in package.files if one.path == M] == [""]


def test_a_broken_database_of_rpm_is_noted(write: Callable[[bytes], Path]) -> None:
    package = read(write(docker_image(LOWER, layer(("var/lib/rpm/rpmdb.sqlite", b"nonsense")))))
    assert paths(package) == sorted([M, PYC])
    assert any("rpm" in note and "it is unknown" in note for note in package.notes)


def test_access_lists_are_seen(write: Callable[[bytes], Path]) -> None:
    made = Made(content=pyc(M), pax=(("SCHILY.acl.access", "user:deploy:rw"),))
    package = read(write(layer((PYC[1:], made), (M[1:], b""))))
    assert [one.path for one in package.files if one.has_acl] == [PYC]


def test_the_image_for_this_machine_is_chosen(write: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    images = [
        oci_manifest([layer((f"{name}.py", b""))], name) for name in ("riscv64", "amd64", "arm64", "386", "unknown")
    ]
    inner = json.dumps(
        {"manifests": [described(one, platform={"os": "linux", "architecture": "amd64"}) for one, _ in images[1:2]]}
    ).encode()
    others = [described(one) for one, _ in (*images[:1], *images[2:])]
    index = {"manifests": [*others, described(inner, annotations={"org.opencontainers.image.ref.name": "acme:2"})]}
    blobs = [inner, *(one for _, some in images for one in some)]
    monkeypatch.setattr(
        "pkgtools.readers.image.image_index.os.uname", lambda: os.uname_result(("", "", "", "", "x86_64"))
    )
    package = read(write(oci_image(index, blobs)))
    assert (paths(package), package.name, package.architecture) == (["/amd64.py"], "acme:2", "amd64")
    assert package.notes[0].startswith("only the image for linux/amd64 was looked at; the others: linux/riscv64")


def test_several_images_of_docker_are_noted(write: Callable[[bytes], Path]) -> None:
    manifest = [{"RepoTags": [tag], "Layers": [f"{tag}.tar"]} for tag in ("a", "b")]
    layers = [(f"{tag}.tar", layer((f"{tag}.py", b""))) for tag in ("a", "b")]
    package = read(write(layer(*layers, ("manifest.json", json.dumps(manifest).encode()))))
    assert (paths(package), package.name) == (["/a.py"], "a")
    assert package.notes[0] == "only the first of 2 images was looked at; the others: b"


def test_layers_that_are_links_to_layers_are_read(write: Callable[[bytes], Path]) -> None:
    manifest = [{"Layers": ["a/layer.tar", "b/layer.tar"]}]
    content = layer(
        ("a/layer.tar", symlink("../b/layer.tar")),
        ("b/layer.tar", LOWER),
        ("manifest.json", json.dumps(manifest).encode()),
    )
    assert paths(read(write(content))) == sorted([M, PYC])


GOOD = simple_oci_image(LOWER)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x1f\x8b" + bytes(100), id="no gzip"),
        pytest.param(random.Random(1).randbytes(10_000), id="noise"),
        pytest.param(docker_image(b"noise" * 1000), id="a layer of noise"),
        pytest.param(docker_image(gzip.compress(LOWER)[:-20]), id="a layer that ends too early"),
        pytest.param(layer(("manifest.json", b"[" * 100_000)), id="deep JSON"),
        pytest.param(layer(("manifest.json", b"[]")), id="no image"),
        pytest.param(layer(("manifest.json", b'[{"Layers": ["x.tar"]}]')), id="no layer"),
        pytest.param(layer(("manifest.json", b'[{"Layers": 7}]')), id="layers are a number"),
        pytest.param(layer(("manifest.json", b'[{"Layers": ["manifest.json"]}]')), id="a layer that isn't one"),
        pytest.param(layer(("manifest.json", b'[{"Layers": ["."]}]')), id="a layer that is all"),
        pytest.param(layer(("index.json", b'{"manifests": [{"digest": "sha256:../../x"}]}')), id="a digest of dots"),
        pytest.param(layer(("index.json", b"\xff")), id="no text"),
        pytest.param(GOOD.replace(b"return 42", b"return 43"), id="a digest that differs"),
        pytest.param(GOOD[: len(GOOD) // 2], id="half"),
    ],
)
def test_broken_images_are_refused(write: Callable[[bytes], Path], content: bytes) -> None:
    with pytest.raises(UnreadablePackage):
        read(write(content))


def test_an_index_that_holds_itself_is_refused(write: Callable[[bytes], Path]) -> None:
    digest = "0" * 64
    index = json.dumps({"manifests": [{"digest": f"sha256:{digest}"}]}).encode()
    with pytest.raises(UnreadablePackage, match="too many indexes"):
        read(write(layer(("index.json", index), (f"blobs/sha256/{digest}", index))))


@pytest.mark.parametrize("seed", range(60))
def test_damage_ends_in_the_typed_error_or_in_a_system(write: Callable[[bytes], Path], seed: int) -> None:
    generator = random.Random(seed)
    packed = gzip.compress(LOWER) if generator.randrange(2) else LOWER
    content = bytearray(docker_image(packed) if generator.randrange(2) else simple_oci_image(packed))
    for _ in range(generator.randrange(1, 30)):
        content[generator.randrange(len(content))] = generator.randrange(256)
    try:
        read(write(bytes(content)))
    except UnreadablePackage as error:
        assert str(error)  # noqa: PT017 - either is right


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePackage, match="not a regular file"):
        Image(Path("/dev/null"))
    with pytest.raises(UnreadablePackage, match="no such file"):
        Image(tmp_path / "missing")


def test_deep_and_strange_names_do_no_harm(write: Callable[[bytes], Path]) -> None:
    odd = "/x/a\nb\udcff $(id).py"
    package = read(write(docker_image(layer(("d/" * 1000 + "m.py", b""), (odd[1:], b""), ("p.py", Made(type=b"6"))))))
    assert paths(package) == ["/p.py", odd]
    assert any("too many directories" in note for note in package.notes)


def test_memory_is_bounded(tmp_path: Path) -> None:
    """A gigabyte of what nobody looks into, and a bomb of a source, in 400 MB of address space."""
    path = tmp_path / "image.tar"
    bomb = gzip.compress(layer(("data", bytes(200 << 20)), ("m.py", bytes(60 << 20))), 1)
    path.write_bytes(docker_image(bomb, bomb, bomb))
    code = (
        "import sys; from pathlib import Path; from pkgtools.readers.image.image import Image;"
        "from pkgtools.bytecode.examine import ReadingOptions;"
        "print([one.path for one in Image(Path(sys.argv[1])).read(ReadingOptions()).files])"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))

    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False, preexec_fn=limit
    )
    assert (done.stdout, done.stderr) == ("['/m.py']\n", "")
