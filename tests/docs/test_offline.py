"""What a browser would load from elsewhere is found, and what a reader may follow is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.reference.offline import loads, main


def site(folder: Path, page: str, *, style: str = "") -> Path:
    """A built site of one page and one style."""
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "main.css").write_text(style, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<script src="//cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="https://fonts.example/css">',
        '<link rel="preconnect" href="https://fonts.example">',
        '<img src="https://cdn.example/x.png">',
        '<img srcset="x.png 1x, https://cdn.example/x.png 2x">',
        '<iframe src="http://cdn.example"></iframe>',
        '<p style="background: url(https://cdn.example/x.png)">x</p>',
        '<style>@import "https://cdn.example/x.css";</style>',
    ],
)
def test_foreign_loads_are_found(page: str, tmp_path: Path) -> None:
    """Each way in which a page makes a browser ask another host fails the build."""
    assert len(list(loads(site(tmp_path, page)))) == 1
    assert main(tmp_path) == 1


def test_styles_are_read(tmp_path: Path) -> None:
    """A font in a style sheet is found."""
    found = list(loads(site(tmp_path, "", style="@font-face { src: url('https://fonts.example/x.woff2') }")))
    assert found == [(tmp_path / "main.css", "https://fonts.example/x.woff2")]


def test_links_and_own_files_are_fine(tmp_path: Path) -> None:
    """A site of its own files, with links that a reader may follow."""
    page = '<link rel="canonical" href="https://me.example/"><a href="https://x.example">x</a><img src="x.png">'
    assert main(site(tmp_path, page, style="a { background: url(x.png), url(data:image/png;base64,x) }")) == 0


def test_nothing_built_is_no_success(tmp_path: Path) -> None:
    """An empty folder is told apart from a site that loads nothing."""
    assert main(tmp_path) == 1
