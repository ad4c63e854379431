"""Completions in one process: what is suggested where, and what is not."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.backends.local.build import Source, build_segment
from tactful.backends.local.engine import MAX_CHARACTERS, MAX_LINES, Engine
from tactful.backends.local.evidence import Layer
from tactful.backends.local.segment import Segment
from tactful.core.types import Completion, CompletionRequest


def complete(source: str, *, engine: Engine | None = None, path: str | None = None, count: int = 1) -> list[Completion]:
    offset = source.index("|")
    text = source[:offset] + source[offset + 1 :]
    request = CompletionRequest(
        uri="file:///x.py", path=path, language_id="python", text=text, offset=offset, max_candidates=count
    )
    return (engine or Engine()).complete(request)


def best(source: str, *, engine: Engine | None = None, path: str | None = None) -> str:
    """Return the first line of the best completion; how blocks go on is tested elsewhere."""
    found = complete(source, engine=engine, path=path)
    return found[0].text.split("\n")[0] if found else ""


TWICE = "def area(width, height):\n    return width * height\n\n\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (TWICE + "def area(width, height):\n    return |", "width * height"),
        (TWICE + "def area(width, height):\n    ret|", "urn width * height"),
        (TWICE + "def area(wid|):\n    pass", "th, height"),
        (TWICE.replace("\n", "\r\n") + "def area(wi|\r\n    return width * height", "dth, height):"),
        ("for item in items:\n    use(item)\nfor item|\n", " in items:"),
        ("x = call(a, b)  # note\nx = call(a, b)|", "  # note"),
        ("\tif ready:\n\t\tgo(now)\n\tif ready:\n\t\tgo(|", "now)"),
        ("größe = länge\ngröße = |", "länge"),
    ],
)
def test_goes_on_as_before(source: str, expected: str) -> None:
    assert best(source) == expected


def test_text_below_the_cursor_is_evidence() -> None:
    assert best("total = |\n\ntotal = price * amount\nprint(total)\n") == "price * amount"


@pytest.mark.parametrize(
    "source", ["|", "   |", "\n\n|\n", "\x00|", "\ud800|\ud800", "|" + "a" * 5_000, "a" * 5_000 + "|", "?|"]
)
def test_odd_text_gets_no_answer_and_no_crash(source: str) -> None:
    assert complete(source) == []


@pytest.mark.parametrize("text", ["x = 100000\n" * (MAX_CHARACTERS // 10), "x\n" * (MAX_LINES + 1)])
def test_huge_document_gets_no_answer(text: str) -> None:
    assert complete(text + "x|") == []


@pytest.mark.parametrize("offset", [-1, 4])
def test_offset_outside_gets_no_answer(offset: int) -> None:
    request = CompletionRequest(uri="u", path=None, language_id="python", text="abc", offset=offset)
    assert Engine().complete(request) == []


def test_probability_is_the_product_of_the_tokens() -> None:
    (found,) = complete(TWICE + "def area(width, height):\n    return |")
    assert 0 < found.probability <= 1
    assert found.token_logprobs
    assert found.source == "document"
    assert found.match_length > 0


def test_several_candidates_differ_and_are_sorted() -> None:
    found = complete("a.one()\na.one()\na.two()\na.two()\na.six()\na.|", count=3)
    assert len({c.text for c in found}) == len(found) >= 2
    assert [c.probability for c in found] == sorted((c.probability for c in found), reverse=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "one.py").write_text("connection = connect(host, port)\n" * 3)
    (tmp_path / "two.py").write_text("unrelated(1)\n" * 3)
    return tmp_path


def test_other_files_are_evidence(project: Path) -> None:
    engine = Engine.from_files({Layer.WORKSPACE: [project / "one.py", project / "two.py"]})
    assert best("connection = |", engine=engine) == "connect(host, port)"


def test_file_never_suggests_its_own_future_from_disk(project: Path) -> None:
    engine = Engine.from_files({Layer.WORKSPACE: [project / "one.py", project / "two.py"]})
    assert best("connection = |", engine=engine, path=str(project / "one.py")) == ""


def test_closed_file_counts_again(project: Path) -> None:
    engine = Engine.from_files({Layer.WORKSPACE: [project / "one.py"]})
    engine.set_document("file:///one.py", str(project / "one.py"), "python", "")
    assert best("connection = |", engine=engine) == ""
    engine.close_document("file:///one.py")
    assert best("connection = |", engine=engine) == "connect(host, port)"


def test_left_out_files_are_not_read(project: Path) -> None:
    layers = {Layer.WORKSPACE: [project / "one.py"]}
    assert best("connection = |", engine=Engine.from_files(layers, leave_out=[project / "one.py"])) == ""


def test_saved_file_replaces_what_was_indexed(project: Path) -> None:
    engine = Engine.from_files({Layer.WORKSPACE: [project / "one.py"]})
    engine.saved(str(project / "one.py"), "connection = reuse(pool)\n")
    assert best("connection = |", engine=engine) == "reuse(pool)"
    engine.saved(str(project / "one.py"), None)
    assert best("connection = |", engine=engine) == ""


def test_saved_file_counts_when_the_words_are_numbered_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    engine.set_document("file:///other.py", None, "python", "first = words(that, come, before)\n")
    engine.saved("/one.py", "connection = reuse(pool)\n")
    monkeypatch.setattr("tactful.backends.local.engine._MAX_WORDS", 3)
    assert best("connection = |", engine=engine) == "reuse(pool)"


def test_new_index_replaces_what_was_saved_beside_the_old_one(project: Path) -> None:
    path = project / "one.py"
    engine = Engine.from_files({Layer.WORKSPACE: [path]})
    path.write_text("connection = reuse(pool)\n")
    engine.saved(str(path), path.read_text())
    source = Source(path=str(path), text=path.read_text(), mtime_ns=path.stat().st_mtime_ns)
    engine.set_layer(Layer.WORKSPACE, Segment(build_segment([source], max_tokens=100, meta={})))
    assert engine._saved == {}
    assert best("connection = |", engine=engine) == "reuse(pool)"


def test_other_open_documents_are_evidence() -> None:
    engine = Engine()
    engine.set_document("file:///other.py", None, "python", "answer = compute(question)\n")
    assert best("answer = |", engine=engine) == "compute(question)"
    engine.close_document("file:///other.py")
    assert best("answer = |", engine=engine) == ""


def test_documents_kept_are_bounded() -> None:
    engine = Engine()
    for number in range(100):
        engine.set_document(f"file:///{number}", None, "python", "x = 1\n")
    assert len(engine._documents) <= 32


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["if a:\n", "    b = f(c)\n", "d", "(", ")", "\n", " ", "'x'", "# é\r\n"]), max_size=14),
    st.data(),
)
def test_completion_never_breaks_its_promises(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    offset = data.draw(st.integers(0, len(text)))
    request = CompletionRequest(uri="u", path=None, language_id="python", text=text, offset=offset, max_candidates=3)
    for completion in Engine().complete(request):
        assert completion.text.strip()
        assert 0 <= completion.probability <= 1


TINY = st.text(st.sampled_from('ab1( \n\r\t.="é\ud800\x0c'), max_size=4) | st.sampled_from(["self", "if a", "a.b"])


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.sampled_from("uv"), TINY, st.integers(0, 5)), min_size=1, max_size=6))
def test_tiny_documents_never_fail(steps: list[tuple[str, str, int]]) -> None:
    engine = Engine()
    engine.set_layer(Layer.WORKSPACE, Segment(build_segment([Source(path="a", text="a")], max_tokens=9, meta={})))
    for uri, text, offset in steps:  # One engine, so that each text is also an edit of the one before.
        request = CompletionRequest(uri=uri, path=None, language_id="python", text=text, offset=offset)
        assert all(0 < completion.probability <= 1 for completion in engine.complete(request))
