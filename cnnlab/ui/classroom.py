"""Who one is here, in one line; for the teacher the limits of students, and the way out."""

from dataclasses import asdict

import streamlit as st

from cnnlab import access
from cnnlab.access import Role, disk, limits, people
from cnnlab.languages import _, texts
from cnnlab.ui import qr, visitors
from cnnlab.ui.attempt import attempt, complain
from cnnlab.ui.wording import refusal

PLACE = "classroom"
LINES = texts(
    {
        Role.ALONE: ":material/person: Only this machine can open these pages, and you may change "
        "everything.",
        Role.TEACHER: ":material/school: You are the **teacher** here: you may change everything.",
        Role.STUDENT: ":material/person: You are a **student** here: you may change what this browser made.",
    }
)


def show() -> None:
    """Say who one is, and offer the teacher what only a teacher may."""
    visitor = access.current()
    if visitor == access.GUEST:
        st.markdown(_guest())
    else:
        st.markdown(_(LINES[visitor.role]))
    if visitor.role is Role.STUDENT and visitor != access.GUEST:
        st.text_input(
            _("Your name (optional)"),
            people.name_of(visitor.id),
            max_chars=people.LONGEST_NAME,
            key="visitor_name",
            on_change=_call,
            args=(visitor.id,),
            help=_("The teacher reads it beside your runs and bets; empty it to delete it."),
        )
    if visitor.has_all_rights and access.door().has_roles:
        with st.popover(_("Join"), icon=":material/qr_code_2:"):
            st.markdown(_("Open this address on another device in the same network."))
            qr.code("")
    if visitor.role is Role.TEACHER:
        with st.container(horizontal=True, gap="small"):
            with st.popover(_("Limits for students"), icon=":material/speed:"):
                _limits()
            if st.button(
                _("Sign out"),
                key="sign_out",
                icon=":material/logout:",
                on_click=attempt,
                args=(PLACE, visitors.sign_out),
                help=_(
                    "Makes this browser a student's, in every tab, until it opens the teacher's link again."
                ),
            ):
                st.rerun()
    complain(PLACE)
    if visitor.has_all_rights and (said := limits.problem()):
        st.warning(refusal(said))


def disk_warning() -> None:
    """Say that the disk of the server is getting full, where it is."""
    if (known := disk.usage()) and (said := known.warning()):
        st.warning(refusal(said), icon=":material/hard_drive:")


def _call(owner: str) -> None:
    attempt(PLACE, people.call, owner, st.session_state.visitor_name)


def _guest() -> str:
    if access.door().has_roles:
        return _(
            ":material/person: This browser keeps no cookies, so nothing that it makes is its own: allow "
            "cookies for this site, and reload the page."
        )
    return _(
        ":material/person: You come from another machine, and this server has no teacher yet: set "
        "`CNNLAB_TEACHER_TOKEN` where it runs, and start it again."
    )


def _limits() -> None:
    """Let the teacher change the limits; they hold from the next run, job or upload on."""
    now = asdict(limits.read())
    st.caption(_("For each student, unless it says otherwise. They hold from the next run or upload on."))
    with st.form("limits", border=False):
        left, right = st.columns(2)
        for number, (name, known) in enumerate(limits.ALL.items()):
            (left, right)[number % 2].number_input(
                _(known.label), known.low, known.high, now[name], step=1, key=f"limit-{name}"
            )
        save = _("Save")
        st.form_submit_button(save, type="primary", key="save_limits", on_click=attempt, args=(PLACE, _save))


def _save() -> None:
    limits.change({name: int(st.session_state[f"limit-{name}"]) for name in limits.ALL})
