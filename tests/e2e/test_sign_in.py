"""First visit, signing in, a wrong password, signing out."""

from playwright.sync_api import expect

from tests.e2e.browsing import Watched
from tests.live import LiveStudio

PASSWORD = "correct horse battery 42"


def test_a_first_visit_leads_to_signing_in_and_back(
    stranger: Watched, live_studio: LiveStudio
) -> None:
    # Somebody else than the administrator: a new password ends every other session.
    live_studio.command("treadle", "token", "--user", "newcomer", "--create", "--json")
    page = stranger.open(live_studio.sign_in_path("newcomer"))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workflows/")
    page = stranger.open("/settings/profile")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="password").last.click()
    expect(page.get_by_role("status")).to_contain_text("Your password was changed.")
    page.get_by_label("Account and settings").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login*")

    page = stranger.open("/runs/?status=failed")
    assert "/login?next=" in page.url
    page.get_by_label("User name").fill("newcomer")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url("**/runs/?status=failed")


def test_a_wrong_password_gives_one_alert_that_has_the_focus(stranger: Watched) -> None:
    page = stranger.open("/login")
    page.get_by_label("User name").fill("nobody-at-all")
    page.get_by_label("Password", exact=True).fill("guess")
    page.get_by_role("button", name="Sign in").click()

    alert = page.get_by_role("alert")
    expect(alert).to_have_count(1)
    expect(alert).to_be_focused()
    expect(alert).to_have_text("The user name and password do not match.")
    assert page.get_by_label("User name").input_value() == "nobody-at-all"


def test_the_password_can_be_shown(stranger: Watched) -> None:
    page = stranger.open("/login")
    field = page.get_by_label("Password", exact=True)
    field.fill("secret")

    page.get_by_role("button", name="Show").click()

    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide").click()
    expect(field).to_have_attribute("type", "password")


def test_a_link_works_once(stranger: Watched, live_studio: LiveStudio) -> None:
    path = live_studio.sign_in_path()
    page = stranger.open(path)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workflows/")

    page = stranger.open(path, status=404)

    expect(page.get_by_role("heading", level=1)).to_have_text("The link is used up")
