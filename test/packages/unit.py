# SPDX-License-Identifier: Apache-2.0
"""unit: reads a unit file of a root and turns it into the shell script that starts the service.

Only what decides how the server runs: its commands, user, groups, environment, directories and
ambient capabilities. What shuts it in (name spaces, filters) is left out: a listener is the same.
"""
import glob
import os
import shlex

LISTS = {"ExecStart", "ExecStartPre", "ExecStartPost", "Environment", "EnvironmentFile",
         "SupplementaryGroups", "AmbientCapabilities", "RuntimeDirectory", "StateDirectory",
         "CacheDirectory", "LogsDirectory", "ConfigurationDirectory"}
PLACES = {"RuntimeDirectory": "/run", "StateDirectory": "/var/lib", "CacheDirectory": "/var/cache",
          "LogsDirectory": "/var/log", "ConfigurationDirectory": "/etc"}
UNIT_DIRECTORIES = ("etc/systemd/system", "run/systemd/system", "lib/systemd/system")
DYNAMIC_UID = 61184


class Unit:
    def __init__(self, root, name):
        self.root, self.name = root, name
        stem = name.rsplit(".", 1)[0]
        self.prefix, _, self.instance = stem.partition("@")
        self.values = {}
        files = self.files()
        script = "/etc/init.d/" + stem
        if not files and os.path.exists(root + script):  # as systemd's generator would
            self.values = {"Type": "forking", "ExecStart": [script + " start"]}
        elif not files:
            raise FileNotFoundError(f"no unit file '{name}' in the root")
        for path in files:
            self.read(path)

    def files(self):
        names = [self.name]
        if "@" in self.name:
            names.append(self.prefix + "@.service")
        for name in names:
            found = [f"{self.root}/{d}/{name}" for d in UNIT_DIRECTORIES
                     if os.path.lexists(f"{self.root}/{d}/{name}")]
            if found:
                break
        else:
            return []
        drop_ins = {}
        for directory in reversed(UNIT_DIRECTORIES):
            for name in reversed(names):
                for path in glob.glob(f"{self.root}/{directory}/{name}.d/*.conf"):
                    drop_ins[os.path.basename(path)] = path
        return found[:1] + [drop_ins[n] for n in sorted(drop_ins)]

    def inside(self, path):
        """A path of the root, with its links followed inside the root."""
        for _ in range(8):
            whole = self.root + path
            if not os.path.islink(whole):
                return whole
            path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(whole)))
        return self.root + path

    def read(self, path):
        with open(self.inside(path[len(self.root):]), encoding="utf-8", errors="replace") as f:
            text = f.read()
        section, before = "", ""
        for line in text.splitlines():
            if line.lstrip().startswith(("#", ";")):
                continue
            line = before + line.strip()
            before = ""
            if line.endswith("\\"):
                before = line[:-1] + " "
                continue
            if line.startswith("["):
                section = line
            key, sign, value = (part.strip() for part in line.partition("="))
            if section != "[Service]" or not sign:
                continue
            if key not in LISTS:
                self.values[key] = value
            elif not value:
                self.values[key] = []
            else:
                self.values.setdefault(key, []).append(value)

    def get(self, key, default=""):
        return self.expand(self.values.get(key, default))

    def words(self, key):
        return [w for value in self.values.get(key, []) for w in split(self.expand(value))]

    def expand(self, text):
        plain = self.instance.replace("-", "/")
        table = {"%": "%", "n": self.name, "N": self.name.rsplit(".", 1)[0], "p": self.prefix,
                 "P": self.prefix, "i": self.instance, "I": plain, "j": self.prefix, "t": "/run",
                 "S": "/var/lib", "C": "/var/cache", "L": "/var/log", "E": "/etc", "T": "/tmp",
                 "V": "/var/tmp", "H": os.uname().nodename, "h": "/root", "u": "root", "U": "0"}
        out, i = "", 0
        while i < len(text):
            if text[i] == "%" and i + 1 < len(text) and text[i + 1] in table:
                out += table[text[i + 1]]
                i += 1
            else:
                out += text[i]
            i += 1
        return out

    def environment(self):
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
               "LANG": "C.UTF-8"}
        for word in self.words("Environment"):
            key, _, value = word.partition("=")
            env[key] = value
        for path in self.values.get("EnvironmentFile", []):
            path = self.inside(self.expand(path.lstrip("-")))
            if not os.path.isfile(path):
                continue
            with open(path, encoding="utf-8", errors="replace") as f:
                text = f.read().replace("\\\n", " ")
            for line in text.splitlines():
                key, sign, value = line.strip().partition("=")
                if sign and key and key[0] not in "#;":
                    env[key.strip()] = "".join(split(value)) if value[:1] in "'\"" else value.strip()
        return env

    def command(self, text, env):
        """Prefix characters and the words of a command line, variables filled in."""
        text = self.expand(text)
        marks = text[:len(text) - len(text.lstrip("-@:+!"))]
        words = []
        for word in split(text[len(marks):].strip()):
            if ":" in marks:
                words.append(word)
            elif word.startswith("$") and word[1:].isidentifier():
                words += split(env.get(word[1:], ""))
            else:
                for key, value in env.items():
                    word = word.replace("${" + key + "}", value)
                words.append(word.replace("$$", "$"))
        return marks, words

    def user(self):
        """Options of setpriv, uid and gid."""
        name, group = self.get("User"), self.get("Group")
        is_dynamic = self.get("DynamicUser").lower() in ("yes", "true", "1")
        if is_dynamic and not self.has_user(name):
            options = f"--reuid={DYNAMIC_UID} --regid={DYNAMIC_UID} --clear-groups"
            owner = f"{DYNAMIC_UID}:{DYNAMIC_UID}"
        elif not name or name in ("root", "0"):
            return "", "root:root"
        else:
            options = f"--reuid={shlex.quote(name)} --init-groups"
            options += f" --regid={shlex.quote(group)}" if group else \
                f" --regid=$(id -g {shlex.quote(name)})"
            owner = f"{name}:{group}"
        caps = [c.lower().removeprefix("cap_") for c in self.words("AmbientCapabilities")
                if not c.startswith("~")]
        if caps:
            caps = ",".join("+" + c for c in caps)
            options += f" --inh-caps={caps} --ambient-caps={caps}"
        return options, owner

    def has_user(self, name):
        with open(self.root + "/etc/passwd", encoding="utf-8") as f:
            return any(line.startswith(name + ":") for line in f if name)

    def sockets(self):
        """Numbers of the ports that the socket unit of the same name holds for it."""
        path = f"{self.root}/lib/systemd/system/{self.name.rsplit('.', 1)[0]}.socket"
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as f:
            found = [line.strip().rpartition("=")[2] for line in f
                     if line.startswith("ListenStream=")]
        return [word for word in found if word.isdigit()]

    def script(self, prepare="-"):
        """The text of the script; it becomes the server."""
        env = self.environment()
        options, owner = self.user()
        lines = ["set -e"]
        if prepare != "-":
            lines.append(f"( cd / && {prepare} ) </dev/null")
        lines += [f"export {k}={shlex.quote(v)}" for k, v in env.items() if k.isidentifier()]
        for key, place in PLACES.items():
            mode = self.get(key + "Mode", "0755")
            for name in self.words(key):
                name = name.partition(":")[0]
                path = shlex.quote(f"{place}/{name}")
                lines.append(f"mkdir -p {path}; chown {owner} {path}; chmod {mode} {path}")
        if self.has_user(self.get("User")):
            lines.append(f"export USER={shlex.quote(self.get('User'))} LOGNAME=$USER "
                         f"HOME=$(getent passwd {shlex.quote(self.get('User'))} | cut -d: -f6)")
        lines.append(f"umask {self.get('UMask', '0022')}")
        limit = self.get("LimitNOFILE").split(":")[0]
        if limit.isdigit():
            lines.append(f"ulimit -n {limit} 2>/dev/null || :")
        where = self.get("WorkingDirectory", "/")
        where = "$HOME" if where == "~" else shlex.quote(where.lstrip("-"))
        lines.append(f"cd {where} || cd /")
        starts = [(text, False) for text in self.values.get("ExecStartPre", [])]
        starts += [(text, i == len(self.values["ExecStart"]) - 1)
                   for i, text in enumerate(self.values["ExecStart"])]
        for text, is_last in starts:
            marks, words = self.command(text, env)
            is_free = "+" in marks or "!" in marks or (
                not is_last and self.get("PermissionsStartOnly") in ("yes", "true"))
            line = f"setpriv {options} " if options and not is_free else ""
            if "@" in marks:
                program, words = words[0], words[1:]
                line += f"bash -c 'exec -a \"$1\" \"$0\" \"${{@:2}}\"' {shlex.quote(program)} "
            if is_last:
                for port in self.sockets() if "-systemd" in words else []:
                    line += f"systemd-socket-activate -l {port} "
            line += " ".join(shlex.quote(w) for w in words)
            if is_last:
                line = "exec " + line
            elif "-" in marks:
                line += " || :"
            lines.append(line)
        return "\n".join(lines) + "\n"


def split(text):
    """Words, without their quotes."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()

