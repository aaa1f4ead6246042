"""Messages to bytes and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.connections import frames
from understudy.connections.frames import Decoder, FrameError, encode

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
_MESSAGES = st.lists(st.tuples(_JSON, st.binary(max_size=200)), max_size=5)


@given(_MESSAGES, st.lists(st.integers(1, 60), min_size=1))
def test_what_goes_in_comes_out_however_it_is_cut(messages, cuts):
    """Any messages, joined and cut anywhere, arrive whole and in order."""
    stream = b"".join(encode({"type": "x", "body": body}, data) for body, data in messages)
    decoder, received, at, turn = Decoder(), [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        received += decoder.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert [(header["body"], data) for header, data in received] == messages


def test_both_ends_talk_in_memory():
    """A request and its answer pass between two decoders without any I/O."""
    controller, agent = Decoder(), Decoder()
    ((request, source),) = agent.feed(encode({"type": "module", "hash": "1"}, b"def run(): ..."))
    assert (request["hash"], source) == ("1", b"def run(): ...")
    ((reply, _),) = controller.feed(encode({"type": "result", "for": request["hash"]}))
    assert reply == {"type": "result", "for": "1"}


def test_text_that_is_no_utf8_passes():
    """A surrogate escape, which stands for a byte that is no UTF-8, comes back the same."""
    ((header, _),) = Decoder().feed(encode({"type": "x", "text": "a\udcffb"}))
    assert header["text"] == "a\udcffb"


@pytest.mark.parametrize(
    "junk",
    [
        pytest.param(b"Welcome to this machine!\n", id="a banner"),
        pytest.param(b"\0\0\0\2\0\0\0\0[]", id="a header that is no object"),
        pytest.param(b"\0\0\0\2\0\0\0\0{}", id="a header without a type"),
        pytest.param(b"\0\0\0\2\0\0\0\0{!", id="a header that is no JSON"),
        pytest.param(b"\0\0\0\2\0\0\0\0\xff\xff", id="a header that is no ASCII"),
    ],
)
def test_what_is_no_frame_is_one_clear_error(junk):
    """Bytes that are no frames raise FrameError and nothing else, and the error shows them."""
    with pytest.raises(FrameError, match=r"expected a frame|no message"):
        Decoder().feed(junk)


def test_a_message_over_the_limit_is_refused_by_the_sender(monkeypatch):
    """A message that the other side would not take is not sent."""
    monkeypatch.setattr(frames, "LIMIT", 100)
    with pytest.raises(FrameError, match="over the limit of 100"):
        encode({"type": "x"}, b"x" * 101)


def test_a_length_over_the_limit_is_refused_before_it_is_awaited(monkeypatch):
    """A hostile length does not make the reader collect that many bytes."""
    message = encode({"type": "x"}, b"x" * 101)
    monkeypatch.setattr(frames, "LIMIT", 100)
    with pytest.raises(FrameError):
        Decoder().feed(message[:8])


def test_what_json_cannot_hold_is_the_callers_mistake():
    """A message that JSON cannot hold raises TypeError where it is made."""
    with pytest.raises(TypeError):
        encode({"type": "x", "value": object()})
