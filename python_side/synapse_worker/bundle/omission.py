"""What a bundle leaves out without being told: the one list that docs/deployment.md shows.

Secrets first: what was once in an image or an archive cannot be taken back, while a file that is
missing is found at once, is named in the output, and is taken along by one line of `include`.
"""

from __future__ import annotations

# As patterns of `.gitignore`, relative to the module's folder; secrets in small letters, for names in any.
SECRETS = (
    ".env",
    ".env.*",
    "!.env.example",
    "!.env.sample",
    "!.env.template",
    ".envrc",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.kdbx",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    ".netrc",
    "_netrc",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    "*.tfstate",
    "*.tfstate.backup",
    ".npmrc",
    ".git-credentials",
    ".htpasswd",
    "credentials.json",
    "service-account*.json",
    "secrets.toml",
    ".aws/",
    ".azure/",
    ".config/gcloud/",
    ".docker/",
    ".gnupg/",
    ".kube/",
    ".ssh/",
)
LEFTOVERS = (
    ".git",
    ".hg/",
    ".svn/",
    ".venv",
    ".venv-synapse-*",
    "node_modules/",
    "__pycache__/",
    "*.pyc",
    "*.pyo",
    ".mypy_cache/",
    ".pytest_cache/",
    ".ruff_cache/",
    ".hypothesis/",
    ".tox/",
    ".nox/",
    ".coverage",
    ".coverage.*",
    "htmlcov/",
    ".ipynb_checkpoints/",
    ".idea/",
    ".vscode/",
    ".DS_Store",
    "Thumbs.db",
    "*.swp",
    "*~",
)
# Never looked into and never taken, whatever `include` says: an environment is built anew.
NEVER = frozenset({".git", ".hg", ".svn", ".venv", "__pycache__"})
