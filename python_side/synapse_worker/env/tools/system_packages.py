"""What to install where a build misses a compiler, a program, a header or a library.

Names of Debian's and Homebrew's packages for what Python packages most often ask for; for the rest
the advice says how to find the name.
"""

from __future__ import annotations

from typing import NamedTuple


class _Source(NamedTuple):
    debian: str
    brew: str


_COMPILER = _Source("build-essential", "")
_POSTGRES = _Source("libpq-dev", "libpq")
_MYSQL = _Source("default-libmysqlclient-dev pkg-config", "mysql-client pkg-config")
_XML = _Source("libxml2-dev", "libxml2")
_XSLT = _Source("libxslt1-dev", "libxslt")
_FFI = _Source("libffi-dev", "libffi")
_SSL = _Source("libssl-dev", "openssl@3")
_JPEG = _Source("libjpeg-dev", "jpeg-turbo")
_ZLIB = _Source("zlib1g-dev", "zlib")
_BLAS = _Source("libopenblas-dev", "openblas")
_HDF5 = _Source("libhdf5-dev", "hdf5")
_RUST = _Source("rustc cargo", "rust")
_KERBEROS = _Source("libkrb5-dev", "krb5")
_PYTHON = _Source("python3-dev", "python")

# Headers by their whole name, or by the folder in front of it.
_HEADERS = {
    "Python.h": _PYTHON, "pyconfig.h": _PYTHON, "libpq-fe.h": _POSTGRES, "mysql.h": _MYSQL,
    "libxml": _XML, "libxslt": _XSLT, "ffi.h": _FFI, "openssl": _SSL, "jpeglib.h": _JPEG,
    "zlib.h": _ZLIB, "bzlib.h": _Source("libbz2-dev", "bzip2"), "lzma.h": _Source("liblzma-dev", "xz"),
    "sqlite3.h": _Source("libsqlite3-dev", "sqlite"), "yaml.h": _Source("libyaml-dev", "libyaml"),
    "cblas.h": _BLAS, "hdf5.h": _HDF5, "gssapi": _KERBEROS, "krb5.h": _KERBEROS,
    "ldap.h": _Source("libldap2-dev", "openldap"), "lber.h": _Source("libldap2-dev", "openldap"),
    "sasl": _Source("libsasl2-dev", "cyrus-sasl"), "sql.h": _Source("unixodbc-dev", "unixodbc"),
    "gdal.h": _Source("libgdal-dev", "gdal"), "geos_c.h": _Source("libgeos-dev", "geos"),
    "proj.h": _Source("libproj-dev", "proj"), "portaudio.h": _Source("portaudio19-dev", "portaudio"),
    "sndfile.h": _Source("libsndfile1-dev", "libsndfile"), "snappy-c.h": _Source("libsnappy-dev", "snappy"),
    "curl": _Source("libcurl4-openssl-dev", "curl"), "cairo.h": _Source("libcairo2-dev", "cairo"),
    "freetype": _Source("libfreetype-dev", "freetype"), "ft2build.h": _Source("libfreetype-dev", "freetype"),
    "gmp.h": _Source("libgmp-dev", "gmp"), "mpfr.h": _Source("libmpfr-dev", "mpfr"),
    "librdkafka": _Source("librdkafka-dev", "librdkafka"), "graphviz": _Source("libgraphviz-dev", "graphviz"),
    "pcap.h": _Source("libpcap-dev", "libpcap"), "usb.h": _Source("libusb-1.0-0-dev", "libusb"),
    "sys/capability.h": _Source("libcap-dev", ""), "zmq.h": _Source("libzmq3-dev", "zeromq"),
    "tiffio.h": _Source("libtiff-dev", "libtiff"), "magic.h": _Source("libmagic-dev", "libmagic"),
}  # fmt: skip
_LIBRARIES = {
    "pq": _POSTGRES, "mysqlclient": _MYSQL, "xml2": _XML, "xslt": _XSLT, "exslt": _XSLT, "ffi": _FFI,
    "ssl": _SSL, "crypto": _SSL, "jpeg": _JPEG, "z": _ZLIB, "openblas": _BLAS, "blas": _BLAS,
    "lapack": _BLAS, "hdf5": _HDF5, "sqlite3": _HEADERS["sqlite3.h"], "bz2": _HEADERS["bzlib.h"],
    "lzma": _HEADERS["lzma.h"], "yaml": _HEADERS["yaml.h"], "curl": _HEADERS["curl"],
    "gmp": _HEADERS["gmp.h"], "geos_c": _HEADERS["geos_c.h"], "gdal": _HEADERS["gdal.h"],
    "odbc": _HEADERS["sql.h"], "krb5": _KERBEROS, "cairo": _HEADERS["cairo.h"],
    "libxml-2.0": _XML, "libpq": _POSTGRES, "libffi": _FFI, "openssl": _SSL, "zlib": _ZLIB,
}  # fmt: skip
_PROGRAMS = {
    "pg_config": _POSTGRES, "mysql_config": _MYSQL, "xml2-config": _XML, "xslt-config": _XSLT,
    "cmake": _Source("cmake", "cmake"), "ninja": _Source("ninja-build", "ninja"),
    "make": _COMPILER, "git": _Source("git", "git"), "hg": _Source("mercurial", "mercurial"),
    "svn": _Source("subversion", "subversion"), "pkg-config": _Source("pkg-config", "pkg-config"),
    "swig": _Source("swig", "swig"), "gfortran": _Source("gfortran", "gcc"),
    "rustc": _RUST, "cargo": _RUST, "protoc": _Source("protobuf-compiler", "protobuf"),
    "autoreconf": _Source("autoconf automake libtool", "autoconf automake libtool"),
    "libtoolize": _Source("libtool", "libtool"), "patchelf": _Source("patchelf", ""),
    "llvm-config": _Source("llvm-dev", "llvm"), "go": _Source("golang", "go"),
    "nvcc": _Source("nvidia-cuda-toolkit", ""), "gdal-config": _HEADERS["gdal.h"],
    "curl-config": _HEADERS["curl"], "krb5-config": _KERBEROS, "geos-config": _HEADERS["geos_c.h"],
}  # fmt: skip


def compiler_advice() -> str:
    """Say how to get a C compiler."""
    return "Install a C compiler: `apt install build-essential` (Debian, Ubuntu), `xcode-select --install` (macOS)"


def header_advice(header: str) -> str:
    """Say which system package brings a header."""
    for name in (header, header.partition("/")[0], header.rpartition("/")[2]):
        if name in _HEADERS:
            return f"Install the system library it belongs to: {_commands(_HEADERS[name])}"
    return f'Install the system library that has "{header}" (`apt-file search {header}` names it on Debian)'


def library_advice(library: str) -> str:
    """Say which system package brings a library that the linker or pkg-config asks for."""
    if library in _LIBRARIES:
        return f"Install it: {_commands(_LIBRARIES[library])}"
    return f'Install the development package of "{library}" (on Debian often lib{library}-dev)'


def program_advice(program: str) -> str:
    """Say which system package brings a program."""
    if program in _PROGRAMS:
        return f"Install it: {_commands(_PROGRAMS[program])}"
    return f'Install "{program}", or put its folder on PATH'


def _commands(source: _Source) -> str:
    debian = f"`apt install {source.debian}` (Debian, Ubuntu)"
    return f"{debian}, `brew install {source.brew}` (macOS)" if source.brew else debian
