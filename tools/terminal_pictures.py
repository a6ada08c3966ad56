#!/usr/bin/env python3
"""Draws docs/pictures/terminal-*.svg: what fuseau prints at a terminal, as text that can be selected, in light and dark.

    cargo build && python3 tools/terminal_pictures.py                 # all of them
    python3 tools/terminal_pictures.py --out DIR --program FILE NAME  # some, elsewhere (the tests compare so)

Each picture is a session: commands, run at a terminal of their own on what `fuseau demo` left behind, at a time that libfaketime
sets; so a second run draws the same. `init` asks a Dovecot and an Exim on loopback (tests/lab). What a machine lacks is said, and
that picture stays as it is: exit code 3. The servers that `init` would find are given to it as flags and shown under Claire's names.
"""
import argparse, glob, os, pty, re, select, shutil, socket, struct, subprocess, sys, tempfile, unicodedata, fcntl, termios
from xml.sax.saxutils import escape

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COLUMNS = 100
# So many lines are shown of what goes on for pages.
CUT = {"demo": 26}
# In the evening of the demo's day; every command is typed a minute after the one before.
NOW = "2027-01-12 22:{minute}:00"

PROJECT = """
[project.booth]
client  = "acme"
title   = "Trade fair booth"
cadence = "every thursday 16:00"
[[project.booth.milestone]]
title = "First design"
due   = 2027-01-22
"""
WRONG = """[me]
name      = "Claire Martin"
zone      = "Europe/Lodnon"
languages = ["en"]

[hours]
mon-fri = ["09:00-09:30", "16:30-17.00"]

[mailbox.studio]
adress  = "claire@studio.example"
maildir = "Maildir"
"""

# name, title, commands. A command may stand for a longer one: (shown, words for the shell).
SESSIONS = [
    ("demo", "The demo: a client writes at night, an acknowledgement leaves", ["fuseau demo"]),
    ("explain", "explain: every rule that was checked, the arithmetic in both zones, the mail", ["fuseau explain mail.eml"]),
    ("promises", "promises and status", ["fuseau promises", "fuseau status"]),
    ("hours", "hours: the hours in common with two clients", ["fuseau hours acme keller --at 2027-01-12T10:00:00Z"]),
    ("check", "check: every fault at once, with line and remedy", ["fuseau check --config wrong/fuseau.toml", "fuseau check"]),
    ("drafts", "a note, the drafts that come next, and one as it would be written",
     ["fuseau note booth 'Two designs for the counter'", "fuseau drafts", "fuseau draft progress booth --print"]),
    ("init", "init: six questions, both logins, and what last week's mail would have got", ["fuseau init"]),
]
ANSWERS = ["claire@studio.example", "Claire Martin", "pass show mail/studio", "", "@acme.example", "Singapore"]


# ---- a terminal -------------------------------------------------------------------------------------------------------

def at_a_terminal(command, folder, environment, answers=()):
    """What a command prints at a terminal, answered as a person would."""
    answers = list(answers)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe("sh", ["sh", "-c", command], environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    shown = b""
    while True:
        waits = bool(answers) and shown.endswith((b": ", b"? "))
        ready, _, _ = select.select([terminal], [], [], 0.5 if waits else 60)
        if not ready and waits:
            os.write(terminal, answers.pop(0).encode() + b"\n")
            continue
        if not ready:
            sys.exit(f"{command}: nothing was said for a minute after {shown[-200:]!r}")
        try:
            said = os.read(terminal, 65536)
        except OSError:
            break
        if not said:
            break
        shown += said
    os.waitpid(pid, 0)
    return shown.decode()


def cells(text):
    """Lines of (character, style), wrapped as a terminal wraps."""
    lines, style, column = [[]], "", 0
    for sequence, character in re.findall(r"(\x1b\[[0-9;?]*[A-Za-z])|(.)", text.replace("\r\n", "\n"), re.S):
        if sequence:
            if sequence.endswith("m"):
                style = styled(style, sequence[2:-1])
            continue
        if character == "\n":
            lines.append([])
            column = 0
            continue
        if character < " ":
            continue
        width = 0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if column + width > COLUMNS:
            lines.append([])
            column = 0
        lines[-1].append((character, style, column))
        column += width
    while lines and not lines[-1]:
        lines.pop()
    return lines


def styled(style, codes):
    now = set(style.split())
    for code in codes.split(";") or ["0"]:
        number = int(code or 0)
        if number == 0:
            now = set()
        elif number in (1, 2, 4, 7):
            now.add({1: "b", 2: "d", 4: "u", 7: "r"}[number])
        elif 30 <= number <= 37 or 90 <= number <= 97:
            now = {it for it in now if not it.startswith("c")} | {f"c{number % 10}"}
        elif number == 39:
            now = {it for it in now if not it.startswith("c")}
    return " ".join(sorted(now))


# ---- a picture --------------------------------------------------------------------------------------------------------

STYLE = """
.t{font:14px/1 ui-monospace,'SFMono-Regular',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;white-space:pre;fill:#24292f}
.w{fill:#fbfbf9;stroke:#d5d5cf}.k{fill:#0b5c8a;font-weight:600}.b{font-weight:700}.d{fill:#6a6f76}.u{text-decoration:underline}
.c0{fill:#57606a}.c1{fill:#b3261e}.c2{fill:#17692f}.c3{fill:#855300}.c4{fill:#0b5c8a}.c5{fill:#7a3a96}.c6{fill:#0f6674}.c7{fill:#57606a}
@media(prefers-color-scheme:dark){.t{fill:#dfe3e8}.w{fill:#17191d;stroke:#3a3f45}.k{fill:#7cc4ee}.d{fill:#969ca4}
.c0{fill:#a5abb3}.c1{fill:#ff8f87}.c2{fill:#7ed491}.c3{fill:#e6b450}.c4{fill:#7cc4ee}.c5{fill:#d5a3ee}.c6{fill:#7bd0dc}.c7{fill:#a5abb3}}
""".replace("\n", "")
CELL, LINE, EDGE = 8.43, 19, 16


def picture(title, lines):
    # A line drawing or a bar in another font would not meet its neighbour: every run says where it begins.
    height = len(lines) * LINE + 2 * EDGE
    width = round(COLUMNS * CELL + 2 * EDGE)
    said = " / ".join("".join(c for c, _, _ in line).strip() for line in lines if line and line[0][1] == "k")
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
           f"<title>{escape(title)}</title><desc>{escape(said)}</desc><style>{STYLE}</style>",
           f'<rect class="w" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="7"/>']
    for n, line in enumerate(lines):
        runs = []
        for character, style, column in line:
            # A space belongs to what stands before it.
            if runs and (runs[-1][1] == style or character == " ") and runs[-1][2] + len(runs[-1][0]) == column:
                runs[-1][0] += character
            else:
                runs.append([character, style, column])
        runs = [(text.rstrip(), style, column) for text, style, column in runs if text.strip()]
        if not runs:
            continue
        spans = "".join(
            f'<tspan x="{EDGE + column * CELL:.1f}" textLength="{cellwidth(text) * CELL:.1f}"'
            + (f' class="{style}"' if style else "") + f">{escape(text)}</tspan>"
            for text, style, column in runs)
        out.append(f'<text class="t" xml:space="preserve" y="{EDGE + n * LINE + 14}">{spans}</text>')
    return "\n".join(out) + "\n</svg>\n"


def cellwidth(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


# ---- the sessions -----------------------------------------------------------------------------------------------------

def lay_out(folder, program):
    """The demo's folder, a project, a configuration with faults."""
    subprocess.run([program, "demo", "--dir", folder + "/studio"], check=True, stdout=subprocess.DEVNULL, env={"HOME": folder})
    for name, text in (("wrong/fuseau.toml", WRONG), ("projects/booth.toml", PROJECT)):
        path = f"{folder}/studio/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w").write(text)
        os.chmod(path, 0o600)
    text = mail("anna@acme.example", "Tue, 12 Jan 2027 22:31:00 +0000", "Poster sizes", "Could you tell me the size of the poster?")
    open(folder + "/studio/mail.eml", "wb").write(text)


def mail(sender, day, subject, text, more=""):
    """As Claire's server filed it."""
    domain = sender.rsplit("@", 1)[1]
    return (f"Return-Path: <{sender}>\r\nAuthentication-Results: mx.studio.example; dmarc=pass header.from={domain}\r\n{more}"
            f"From: <{sender}>\r\nTo: <claire@studio.example>\r\nDate: {day}\r\nSubject: {subject}\r\n"
            f"Message-ID: <{subject.replace(' ', '-')}@{domain}>\r\n\r\n{text}\r\n").encode()


WEEK = [
    (1799719800, "anna@acme.example", "Logo files for the trade fair", "Hi Claire, could you send me the logo as SVG?", ""),
    (1799736000, "news@letters.example", "Ten tips for your shop", "Read them all.", "List-Id: <tips.letters.example>\r\n"),
    (1799740000, "liv@nordlys.example", "A new website", "Hello, what would a small website cost?", ""),
    (1799750000, "anna@acme.example", "Opening hours on the poster", "Should the poster say ten or eleven?", ""),
]


def with_a_server(folder, environment, program, draw):
    """A mailbox with a week of mail, on loopback; the names of its servers are those of Claire's."""
    # The servers run as an account of their own, which must get there.
    os.chmod(folder, 0o755)
    lab = folder + "/lab"
    shift = int(os.environ.get("FUSEAU_LAB_PORTS") or free_shift())
    ports = dict(os.environ, FUSEAU_LAB_PORTS=str(shift))
    up = subprocess.run([ROOT + "/tests/lab", "up", lab], env=ports, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if up.returncode:
        return up.stderr.strip() or "tests/lab does not start"
    try:
        box = lab + "/mail/claire/Maildir/new"
        os.makedirs(box, exist_ok=True)
        for n, (at, sender, subject, text, more) in enumerate(WEEK):
            path = f"{box}/{at}.M{n}P1.studio"
            open(path, "wb").write(mail(sender, "Tue, 12 Jan 2027 08:00:00 +0000", subject, text, more))
            os.utime(path, (at, at))
        subprocess.run(["chown", "-R", "--reference=" + lab + "/mail", lab + "/mail/claire"], check=False)
        # The secret lies with `pass`, as Claire's does.
        tools = folder + "/bin"
        os.makedirs(tools, exist_ok=True)
        for name, text in (("pass", "echo secret"),):
            open(f"{tools}/{name}", "w").write(f"#!/bin/sh\n{text}\n")
            os.chmod(f"{tools}/{name}", 0o755)
        servers = f"--imap 127.0.0.1:{10143 + shift}/none --smtp 127.0.0.1:{10587 + shift}/none --user claire"
        hosts = [(f"127.0.0.1:{10143 + shift}", "imap.studio.example:993"), (f"127.0.0.1:{10587 + shift}", "smtp.studio.example:465"),
                 (f"{folder}/home/", "/home/claire/"), ("given: IMAP", "autoconfig: IMAP")]
        draw(servers, hosts)
    finally:
        subprocess.run([ROOT + "/tests/lab", "down", lab], env=ports, stdout=subprocess.DEVNULL)
    return None


def free_shift():
    """Ports that nobody has, below those that the system gives away."""
    def free(port):
        with socket.socket() as it:
            return it.connect_ex(("127.0.0.1", port)) != 0
    start = os.getpid() % 9000
    shifts = (9500 + (start + n * 7) % 9000 for n in range(9000))
    return next(shift for shift in shifts if all(free(port + shift) for port in (10024, 10080, 10143, 10465, 10587, 10993)))


def faketime():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1") + glob.glob("/usr/lib*/faketime/libfaketimeMT.so.1")
    return found[0] if found else None


def main():
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--out", default=ROOT + "/docs/pictures")
    asked.add_argument("--program", default=ROOT + "/target/debug/fuseau")
    asked.add_argument("names", nargs="*")
    asked = asked.parse_args()
    library = faketime()
    if not library:
        print("libfaketime is missing: no picture is drawn")
        return 3
    missing = 0
    with tempfile.TemporaryDirectory(prefix="fuseau-pictures-") as folder:
        os.makedirs(folder + "/bin")
        shutil.copy(asked.program, folder + "/bin/fuseau")
        lay_out(folder, folder + "/bin/fuseau")
        usual = {"PATH": folder + "/bin:/usr/bin:/bin", "HOME": folder + "/home", "LANG": "C.UTF-8", "TERM": "xterm-256color",
                 "TZ": "Europe/London", "FUSEAU_CONFIG": folder + "/studio/fuseau.toml"}
        usual |= {"LD_PRELOAD": library, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        os.makedirs(folder + "/home")

        def session(name, title, commands, servers="", hosts=(), answers=()):
            lines = []
            for n, command in enumerate(commands):
                # A demo begins in a folder of its own, `init` without a configuration.
                inside = folder + ("/home" if name in ("demo", "init") else "/studio")
                words = f"{command} {servers}" if servers else command
                if name == "init":
                    words = "unset FUSEAU_CONFIG; " + words
                said = at_a_terminal(words, inside, usual | {"FAKETIME": "@" + NOW.format(minute=40 + n)}, answers)
                for real, shown in list(hosts) + [(folder + "/studio/", "")]:
                    said = said.replace(real, shown)
                lines += ([[]] if lines else []) + [[(c, "k", at) for at, c in enumerate("$ " + command)]] + cells(said)[:CUT.get(name)]
            path = f"{asked.out}/terminal-{name}.svg"
            open(path, "w").write(picture(title, lines))

        for name, title, commands in SESSIONS:
            if asked.names and name not in asked.names:
                continue
            if name != "init":
                session(name, title, commands)
                continue
            why = with_a_server(folder, usual, asked.program,
                                lambda servers, hosts: session(name, title, commands, servers, hosts, ANSWERS))
            if why:
                print(f"{name} is not drawn: {why}")
                missing = 3
    return missing


sys.exit(main())
