"""Mutations of an input: of its bytes, its text, its members, blocks, tags or tables; or another document."""

import contextlib
import functools
import io
import json
import re
import sqlite3
import struct
import zipfile
import zlib

import inputs
from dictionaries import DOCUMENTS, ELEMENTS, NUMBERS, OPENINGS, PATHS, STATEMENTS, TEXTS

BOMB = 700 << 20
LARGEST = 8 << 20
# Extreme numbers, as files hold them.
WORDS = [struct.pack(order + form, value) for order in "<>" for form, bits in (("B", 8), ("H", 16), ("I", 32), ("Q", 64))
         for value in (0, 1, 2 ** bits - 1, 2 ** (bits - 1), 2 ** (bits - 1) - 1)]
WORDS += [struct.pack(order + "d", value) for order in "<>" for value in (float("nan"), float("inf"), 1e300, 1e-300, -0.0, -1.0)]


@functools.cache
def bomb(head, tail):
    """Many spaces between two texts, deflated, with their checksum: some 700 kB."""
    packer, sum_of, spaces = zlib.compressobj(1, zlib.DEFLATED, -15), zlib.crc32(head), b" " * (1 << 20)
    made = packer.compress(head)
    for _ in range(BOMB >> 20):
        made, sum_of = made + packer.compress(spaces), zlib.crc32(spaces, sum_of)
    return made + packer.compress(tail) + packer.flush(), zlib.crc32(tail, sum_of), len(head) + BOMB + len(tail)


def zip_of(members, bombs=()):
    """An archive of members; of `bombs` the packed bytes, checksum and size are given."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in dict(members).items():
            archive.writestr(name.replace("\0", "") or "a", content)
    made, count = target.getvalue(), len(members)
    folder = made.rindex(b"PK\5\6")
    body, entries = made[:struct.unpack("<I", made[folder + 16:folder + 20])[0]], made[struct.unpack("<I", made[folder + 16:folder + 20])[0]:folder]
    for name, (packed, checksum, size) in bombs:
        told = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, checksum, len(packed), size, len(name), 0)
        entries += b"PK\1\2\x14\0" + told + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body, count = body + b"PK\3\4" + told + name.encode() + packed, count + 1
    return body + entries + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(entries), len(body), 0)


class Mutator:
    """Mutations of one run."""

    def __init__(self, rng, port, folder):
        self.rng, self.port, self.folder = rng, port, folder

    def of(self, texts):
        """One of some texts, as bytes."""
        return self.rng.choice(texts).replace("@PORT", f"{self.port:05}").encode("utf-8", "surrogatepass")

    def value(self):
        return self.of(self.rng.choice([NUMBERS, PATHS, PATHS, TEXTS]))

    def at(self, data):
        """A place in some bytes; the first ones, which tell what follows, are the likelier."""
        return self.rng.randrange(min(len(data), self.rng.choice([64, 256, len(data) + 1])) + 1)

    def stretch(self, data):
        start = self.at(data)
        return start, min(len(data), start + self.rng.choice([1, 2, 4, 16, 100, 5000]))

    def bytes_once(self, data):
        """A mutation of bytes, whatever they mean."""
        rng, (start, end) = self.rng, self.stretch(data)
        word = rng.choice(WORDS)
        flipped = bytearray(data)
        for _ in range(rng.choice([1, 1, 2, 8])):
            if flipped:
                flipped[min(self.at(data), len(data) - 1)] ^= 1 << rng.randrange(8)
        return rng.choice([
            lambda: bytes(flipped), lambda: bytes(flipped), lambda: data[:start], lambda: data[:start] + data[end:],
            lambda: data[:start] + rng.randbytes(end - start) + data[end:], lambda: data[:start] + bytes([rng.choice([0, 255, 127])]) * (end - start) + data[end:],
            lambda: data[:start] + word + data[start + len(word):], lambda: data[:start] + word + data[start + len(word):], lambda: data[:start] + word + data[start:],
            lambda: data[:start] + data[start:end] * rng.choice([2, 3, 300]) + data[end:], lambda: data[:start] + self.another()[self.at(data):], lambda: data[:start] + self.value() + data[start:],
        ])()

    def another(self):
        """The content of another input."""
        return self.rng.choice(sorted(path for path in self.folder.iterdir() if path.is_file())).read_bytes()

    def text_once(self, data, language):
        """A mutation of text: a number, a value, an element, a line, nesting."""
        rng, replaced = self.rng, {"json": rb'"([^"]*)"', "xml": rb'[>"]([^<>"]+)[<"]', "toml": rb'"([^"]*)"|= ([^"\n]+)', "csv": rb"[^,\t\n]+", "grid": rb"\S+", "wkt": rb'"([^"]*)"'}[language]
        choice = rng.choice(["number", "number", "value", "value", "element", "element", "line", "nest", "repeat", "bytes"])
        spans = [match.span(match.lastindex or 0) for match in re.finditer(rb"-?\d[\d.eE+-]*" if choice == "number" else replaced, data)]
        if choice in ("number", "value") and spans:
            (start, end), new = rng.choice(spans), self.of(NUMBERS) if choice == "number" else self.value()
            return data[:start] + (json.dumps(new.decode("utf-8", "replace"))[1:-1].encode() if language in ("json", "toml") and choice == "value" and rng.random() < 0.7 else new) + data[end:]
        borders = [match.end() for match in re.finditer({"json": rb"[\[,{:]", "xml": rb">", "toml": rb"\n", "csv": rb"[,\t\n]"}.get(language, rb"\s"), data)] or [0]
        start, end = rng.choice(borders), rng.choice(borders)
        if choice == "element":
            return data[:start] + self.of(ELEMENTS[language]) + data[start:]
        if choice == "line":
            line = data[min(start, end):max(start, end)]
            return data[:start] + line * min(rng.choice([0, 2, 50]), 1 + LARGEST // (len(line) + 1)) + data[end:]
        if choice == "nest":
            return data[:start] + self.of(OPENINGS[language]) * rng.choice([50, 200, 20_000]) + data[start:]
        if choice == "repeat":
            return data[:start] + self.of(ELEMENTS[language] + TEXTS) * rng.choice([10, 1000]) + data[start:]
        return self.bytes_once(data)

    def zip_once(self, data):
        """Another archive: members mutated, renamed, or much larger than they look."""
        rng = self.rng
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if sum(member.file_size for member in archive.infolist()) > LARGEST:
                    return self.bytes_once(data)
                members = [(name, archive.read(name)) for name in archive.namelist()]
        except (zipfile.BadZipFile, ValueError, zlib.error, NotImplementedError, OSError, EOFError, RuntimeError):
            return self.bytes_once(data)
        number = rng.randrange(len(members)) if members else 0
        name, content = members[number] if members else ("doc.kml", b"")
        choice = rng.choice(["content", "content", "document", "name", "more", "many", "bomb", "bytes"])
        if choice == "content":
            members[number:number + 1] = [(name, self.text_once(content, "xml") if name.endswith("kml") else self.bytes_once(content))]
        elif choice == "document":
            members[number:number + 1] = [(name, self.of(DOCUMENTS))]
        elif choice == "name":
            members[number:number + 1] = [(rng.choice(["../stray.kml", "/etc/x.kml", "a" * 3000 + ".kml", "doc.vrt", "areas.vrt", name.upper(), "\u202edoc.kml"]), content)]
        elif choice == "more":
            members.insert(0, (rng.choice(["doc.kml", "a.vrt", "areas.qix", "areas.cpg", "areas.prj", "x/"]), self.value()))
        elif choice == "many":
            members += [(f"a{count}.kml", b"<kml/>") for count in range(rng.choice([100, 3000]))]
        elif choice == "bomb":
            return zip_of([] if name.endswith("kml") else members[:-1], [(name, bomb(b"<kml><Document><name>", b"</name></Document></kml>"))])
        return self.bytes_once(data) if choice == "bytes" else zip_of(members)

    def pbf_once(self, data):
        """Another extract: content mutated below its compression, or sizes that lie."""
        rng, content = self.rng, inputs.pbf_content()
        huge = 31 << 20
        return rng.choice([
            lambda: inputs.pbf(self.bytes_once(content)), lambda: inputs.pbf(self.bytes_once(self.bytes_once(content))), lambda: inputs.pbf(self.bytes_once(content)), lambda: self.bytes_once(data),
            lambda: inputs.pbf(content, declared=rng.choice([0, 1, 1 << 25, 1 << 31, 1 << 62, (1 << 64) - 1])), lambda: inputs.pbf(content, declared=rng.choice([100, 1 << 24]), packed=zlib.compress(bytes(huge), 1)),
            lambda: data + inputs.pbf_block(b"OSMData", inputs.field(1, b"\x0a\0" * (huge // 2))) * rng.choice([1, 4, 60]),
            lambda: data + inputs.pbf_block(b"OSMData", inputs.field(1, inputs.field(1, b"")) + inputs.field(2, inputs.field(3, inputs.field(1, 1) + inputs.field(8, b"\2" * (huge - 99))))) * rng.choice([1, 4, 60]),
            lambda: data + inputs.pbf_block(b"OSMData", inputs.field(1, b"") + inputs.field(2, inputs.field(2, inputs.field(1, b"\2" * (huge // 3)) + inputs.field(8, b"\0" * (huge // 3)) + inputs.field(9, b"\0" * (huge // 3))))),
        ])()

    def tiff_once(self, data):
        """Another raster: extreme places, cells, tags; or its bytes."""
        rng = self.rng
        number = lambda: rng.choice([0.0, -1.0, 1e300, 1e-300, float("nan"), float("inf"), 360.0, -0.01, 1e-9, 90.0, 1e18])
        cells = [10.0] * 100
        cells[rng.randrange(100)] = rng.choice([3e38, -1.0, -1e-30, 1e-40, float("nan"), float("inf"), -99999.0])
        size = lambda: (4, [rng.choice([0, 1, 11, 5000, 2_000_000, 2 ** 31 - 1, 2 ** 32 - 1])])
        short = lambda: (3, [rng.choice([0, 1, 2, 3, 5, 7, 8, 16, 64, 65535])])
        told = lambda: (2, rng.choice([b"nan\0", b"-1\0", b"1e300\0", b"10\0", self.value() + b"\0"]))
        tags = {256: size, 257: size, 258: short, 259: short, 262: short, 277: short, 278: size, 322: size, 323: size, 339: short, 42113: told, 273: size, 279: size, 34735: lambda: (3, [rng.randrange(5000) for _ in range(16)]),
                34264: lambda: (12, [number() for _ in range(16)]), 33922: lambda: (12, [number() for _ in range(6)]), 42112: lambda: (2, b'<GDALMetadata><Item name="SCALE" sample="0" role="scale">' + self.of(NUMBERS) + b"</Item></GDALMetadata>\0")}
        lies = {tag: tags[tag]() for tag in rng.sample(sorted(tags), rng.choice([0, 1, 1, 2, 3]))}
        return rng.choice([
            lambda: self.bytes_once(data), lambda: inputs.tiff(tile=rng.choice([0, 16]), packed=rng.random() < 0.5, tags=lies), lambda: inputs.tiff(packed=True, tags=lies),
            lambda: inputs.tiff(cell=number()), lambda: inputs.tiff(west=number(), north=number()), lambda: inputs.tiff(cells=cells), lambda: self.bytes_once(inputs.tiff(tile=16)),
        ])()

    def sql_once(self, data):
        """A GeoPackage on which statements were run."""
        if self.rng.random() < 0.4:
            return self.bytes_once(data)
        path = self.folder.parent / "changed.gpkg"
        path.write_bytes(data)
        base = sqlite3.connect(path)
        with contextlib.suppress(sqlite3.Error):  # what is done of it stays
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                base.execute(f'DROP TRIGGER "{name}"')  # they call functions of GDAL
            base.executescript(self.of(STATEMENTS).decode())
        base.close()
        data = path.read_bytes()
        path.unlink()
        return data

    def mutate(self, data, language):
        rng = self.rng
        if rng.random() < (0.25 if language == "xml" else 0.06):
            return self.of(DOCUMENTS)
        if rng.random() < 0.05:
            data, language = self.another(), ""
        special = {"zip": self.zip_once, "pbf": self.pbf_once, "tiff": self.tiff_once, "sql": self.sql_once}.get(language)
        for _ in range(rng.choice([0, 1, 1, 1, 1, 2, 3, 6])):
            data = (special(data) if special else self.text_once(data, language) if language else self.bytes_once(data))[:LARGEST]
        return data
