"""A warm process that has imported the module and forks its workers (Linux).

`main` is its life, `children` its family, `child` what a fork does to become a worker. The other wing is
`js/src/node/supervisor/process/zygote`; what they say to each other is in `docs/protocol.md`, "The zygote".
"""
