#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Compares the ABI headers in hypercalls/include with another copy of the same interface (libxen-dev).

The list of what to compare is taken from our headers themselves: every type, every structure with
every field, every constant, every enumerator. So nothing can be forgotten, and a new definition is
compared from the moment it is written. One C program is made from the list and compiled twice, once
against each copy, in separate translation units; each prints its sizes, offsets and values.

    abi.py probe  HEADER_ROOT KNOWN > probe.c      write the program
    abi.py compare KNOWN OURS THEIRS               compare the two outputs

KNOWN lists what has no counterpart, with the reason, and how to call macros with arguments.
"""
import re
import subprocess
import sys
from pathlib import Path

PRELUDE = r"""
static void num(const char *name, long long v) { printf("const %s = %lld\n", name, v); }
static void str(const char *name, const char *v) { printf("const %s = \"%s\"\n", name, v); }
#define CONST(x) _Generic((x), char *: str, const char *: str, default: num)(#x, x)
/* Class of a field: s and u are integers, c is char, - anything else (arrays, structures). */
#define CLASS(x) _Generic((x), int8_t: 's', int16_t: 's', int32_t: 's', int64_t: 's', \
	uint8_t: 'u', uint16_t: 'u', uint32_t: 'u', uint64_t: 'u', char: 'c', default: '-')
#define SIZE(t) printf("sizeof %s = %zu\n", #t, sizeof(t))
#define FIELD(t, f) printf("field %s.%s = at %zu, %zu bytes, class %c\n", #t, #f, \
	offsetof(t, f), sizeof(((t *)0)->f), CLASS(((t *)0)->f))
#define FLEX(t, f) printf("field %s.%s = at %zu, %zu bytes each\n", #t, #f, \
	offsetof(t, f), sizeof(((t *)0)->f[0]))
"""


def read_known(path):
    """-> ({name: reason} ours only, {macro: [expressions]}, [declarations])"""
    only, calls, decls = {}, {}, []
    for line in Path(path).read_text().splitlines():
        words = line.split("#")[0].split(None, 2)
        if not words:
            continue
        if words[0] == "ours":
            only[words[1]] = words[2]
        elif words[0] == "call":
            calls.setdefault(words[1], []).append(words[2])
        elif words[0] == "declare":
            decls.append(line.split(None, 1)[1])
        else:
            sys.exit(f"{path}: '{line}' is not ours, call or declare")
    return only, calls, decls


def macros(headers):
    """Names defined in the headers: (constants, macros with arguments)."""
    consts, funcs = [], []
    for h in headers:
        text = h.read_text().replace("\\\n", " ")
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        for m in re.finditer(r"^#define[ \t]+(\w+)(\(?)[ \t]*(\S?)", text, flags=re.M):
            name, paren, body = m.groups()
            if paren:
                funcs.append(name)
            elif body:                 # include guards have no body
                consts.append(name)
    return list(dict.fromkeys(consts)), list(dict.fromkeys(funcs))


class Parser:
    """Declarations of preprocessed C that has structures, unions, enums and typedefs only."""

    def __init__(self, text):
        text = re.sub(r"^#.*$", "", text, flags=re.M)
        self.tok = re.findall(r"\w+|[^\w\s]", text)
        self.pos = 0
        self.types, self.fields, self.enums = [], [], []

    def next(self):
        self.pos += 1
        return self.tok[self.pos - 1]

    def skip_to(self, stop):
        """Tokens up to stop at nesting depth 0, stop consumed."""
        depth, out = 0, []
        while True:
            t = self.next()
            if depth == 0 and t == stop:
                return out
            depth += (t in "([{") - (t in ")]}")
            out.append(t)

    def body(self, owner, prefix):
        """Members of a structure, until the closing brace. Records owner.prefix.member."""
        while self.tok[self.pos] != "}":
            inner = None
            if self.tok[self.pos] in ("struct", "union"):
                kind = self.next()
                tag = self.next() if self.tok[self.pos] != "{" else None
                if self.tok[self.pos] == "{":
                    self.next()
                    inner = self.pos
                    self.skip_to("}")
                    if tag:
                        self.define(f"{kind} {tag}", inner)
            names = self.declarators(self.skip_to(";"), inner is None)
            after = self.pos
            if inner is not None and not names:      # anonymous: members are the owner's
                self.pos = inner
                self.body(owner, prefix)
                self.pos = after
            for n, suffix in names:
                self.fields.append((owner, prefix + n, suffix))
                if inner is not None and suffix != "array":
                    self.pos = inner
                    self.body(owner, prefix + n + ".")
                    self.pos = after

    @staticmethod
    def declarators(toks, has_type):
        """[(name, '' | 'array' | 'flex' | 'bits')] of 'type a, b[3], c : 1'."""
        out = []
        for part in " ".join(toks).split(","):
            m = re.search(r"(\w+)\s*((?:\[[^]]*\]\s*)*)(:\s*\d+)?\s*$", part)
            if not m or (not has_type and not part.strip()):
                continue
            dims = m.group(2)
            kind = "bits" if m.group(3) else ""
            if dims:
                kind = "flex" if re.match(r"\[\s*\]", dims) else "array"
            out.append((m.group(1), kind))
        return out

    def define(self, name, at):
        """A structure whose body starts at token `at`; the position is kept."""
        if name in self.types:
            return
        self.types.append(name)
        here = self.pos
        self.pos = at
        self.body(name, "")
        self.pos = here

    def enum_body(self):
        for item in " ".join(self.skip_to("}")).split(","):
            if item.split():
                self.enums.append(item.split()[0])

    def run(self):
        while self.pos < len(self.tok):
            t = self.next()
            typedef = t == "typedef"
            if typedef:
                t = self.next()
            if t in ("struct", "union", "enum"):
                tag = self.next() if self.tok[self.pos] != "{" else None
                if self.tok[self.pos] == "{":
                    self.next()
                    if t == "enum":
                        self.enum_body()
                    else:
                        at = self.pos
                        self.skip_to("}")
                        if tag:
                            self.define(f"{t} {tag}", at)
            names = self.declarators(self.skip_to(";"), True)
            if typedef:
                self.types += [n for n, _ in names]
        return self


def parse(root, headers):
    src = "".join(f"#include <{h.relative_to(root)}>\n" for h in headers)
    # The library's own headers are left out by giving their types as opaque words.
    out = subprocess.run(["cc", "-E", "-P", "-nostdinc", f"-I{root}", "-I", str(STUBS), "-"],
                         input=src, capture_output=True, text=True)
    if out.returncode:
        sys.exit(out.stderr)
    return Parser(out.stdout).run()


STUBS = Path(__file__).parent / "stubs"


def probe(root, known):
    root = Path(root)
    headers = sorted(root.rglob("*.h"))
    only, calls, decls = read_known(known)
    consts, funcs = macros(headers)
    p = parse(root, headers)
    lines = [f"SIZE({t});" for t in p.types if t not in only]
    for owner, path, kind in p.fields:
        if f"{owner}.{path}".replace(" ", ":") in only or owner in only:
            continue
        if kind == "bits":
            lines.append(f'{{ union {{ {owner} s; uint32_t v; }} b = {{ .v = 0 }}; b.s.{path} = -1;'
                         f' printf("bits {owner}.{path} = %#x\\n", b.v); }}')
        else:
            lines.append(f"{'FLEX' if kind == 'flex' else 'FIELD'}({owner}, {path});")
    lines += [f"CONST({c});" for c in consts + p.enums if c not in only]
    for f in funcs:
        if f in only:
            continue
        if f not in calls:
            lines.append(f'printf("uncalled {f} = no call line in {known}\\n");')
        lines += [f"CONST({e});" for e in calls.get(f, [])]
    print("/* Generated by tests/abi/abi.py: do not edit. */")
    # The other copy's headers lean on what was included before them.
    print("#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <xen/xen.h>")
    print("".join(f"#if __has_include(<{h.relative_to(root)}>)\n"
                  f"#include <{h.relative_to(root)}>\n#endif\n" for h in headers), end="")
    print(PRELUDE)
    print("".join(f"{d}\n" for d in decls))
    print("int main(void)\n{\n\t" + "\n\t".join(lines) + "\n\treturn 0;\n}")


def table(path):
    return dict(line.rsplit(" = ", 1) for line in Path(path).read_text().splitlines())


def same(a, b):
    """Equal, or differing only in that one side calls a guest pointer a structure."""
    strip = re.compile(r", class .$")
    return a == b or (strip.sub("", a) == strip.sub("", b) and "class -" in a + b)


def compare(known, ours, theirs):
    only, _, _ = read_known(known)
    a, b = table(ours), table(theirs)
    passed = failed = 0
    for name, value in a.items():
        if name.startswith("uncalled") or name not in b or not same(value, b[name]):
            print(f"FAIL {name}: ours {value}; theirs {b.get(name, 'absent')}")
            failed += 1
        else:
            passed += 1
    print(f"abi: {len(only)} names of ours have no counterpart (tests/abi/known)")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "probe":
        sys.exit(probe(*sys.argv[2:]))
    if len(sys.argv) == 5 and sys.argv[1] == "compare":
        sys.exit(compare(*sys.argv[2:]))
    sys.exit(__doc__)
