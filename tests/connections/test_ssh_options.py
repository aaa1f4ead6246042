"""Words of OpenSSH's command line become a file that the SSH library reads."""

from pathlib import Path

from understudy.connections.ssh_options import config_files, parse


def test_the_file_is_there_only_while_it_is_needed() -> None:
    """A run that is killed after that leaves nothing behind; the first file wins."""
    options = parse(("-o", "Compression=yes", "-F", "/some/config"))
    with config_files(options, "web1") as files:
        made, given = files
        assert Path(made).read_text() == "Host web1\nCompression yes\n"
    assert given == "/some/config"
    assert not Path(made).exists()


def test_no_file_is_made_without_options() -> None:
    """The configuration that was named is all that is read."""
    with config_files(parse(("-F", "/some/config")), "web1") as files:
        assert files == ["/some/config"]
