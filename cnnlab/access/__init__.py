"""Who visits, what is whose, who may change what, and how much one student may take.

    role        who                                             may change
    alone       whoever has the shell, or the one person of a   everything
                server that only its own machine can reach
    teacher     a browser that came by the teacher's link       everything
    student     any other browser, known by a signed cookie     what it made itself

Everybody may look at everything, classify, and fork a run into one of their own.

How the parts go together::

    visitor = access.current()                  # who acts here and now, see ``visitor``
    access.require(run.owner, "stop this run")  # raises AccessError, one sentence, unless they may
    access.current().may_change(run.owner)      # the same as a question: to disable a button

What is made is stamped with ``access.current().owner``, under the key ``"owner"``: in config.json of a run,
in job.json, in dataset.json, in the file of a network or of a recipe. What has none, as everything of before,
belongs to nobody: only the teacher, or the person alone, may change it. Owners are ids, never names, and no
secrets: a cookie is only as good as its signature.

``current()`` is whoever a block says, ``with acting_as(visitor)``; else whom the source tells that the pages
registered with ``know_by`` (in a session of Streamlit: from its cookies); else whoever has the shell. So the
rights are checked in the library, where the action is done, and no page can forget to ask. A route of the web
server has no session: it says for whom it acts, ``with access.acting_as(visitors.of_request(request))``.

    CNNLAB_HOME/access/         mode 0700
      secret                    signs cookies, 0600; without it all cookies are foreign ones
      teacher_token             the token that was made where none is set, 0600; delete it for another one
      signed_out                teachers' cookies that were signed out before their time
      names.json                what students call themselves, by their ids; see ``people``
    CNNLAB_HOME/limits.json     how much one student may take, see ``limits``
"""

from cnnlab.access.entry import Door, door, hang
from cnnlab.access.visitor import (
    GUEST,
    OWNER,
    SHELL,
    Role,
    Visitor,
    acting_as,
    called,
    current,
    is_owner,
    know_by,
    mark,
    owner_in,
    refusal,
    refuse_follower,
    require,
)

__all__ = [
    "GUEST",
    "OWNER",
    "SHELL",
    "Door",
    "Role",
    "Visitor",
    "acting_as",
    "called",
    "current",
    "door",
    "hang",
    "is_owner",
    "know_by",
    "mark",
    "owner_in",
    "refusal",
    "refuse_follower",
    "require",
]
