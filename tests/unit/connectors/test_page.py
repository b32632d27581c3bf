"""The page on connectors shows the tables that decide."""

from docs.render_connectors import PAGE, render


def test_the_page_is_rendered_from_the_tables():
    page = PAGE.read_text(encoding="utf-8")
    assert page == render(page), "stale: run python docs/render_connectors.py"
    assert page.count("\n| `") > 25
