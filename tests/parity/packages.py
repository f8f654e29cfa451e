# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The packages of the archive that both helpers are given: libraries, extensions, applications with private modules."""

LIBRARIES = """
python3-acme python3-aiohttp python3-alembic python3-amqp python3-aniso8601 python3-argcomplete python3-arrow
python3-asgiref python3-async-timeout python3-attr python3-babel python3-bcrypt python3-billiard python3-bleach
python3-blinker python3-boto3 python3-botocore python3-bottle python3-brotli python3-bs4 python3-cachetools
python3-celery python3-certifi python3-cffi python3-cffi-backend python3-chardet python3-charset-normalizer
python3-cheroot python3-cherrypy3 python3-click python3-colorama python3-configobj python3-construct python3-coverage
python3-croniter python3-cryptography python3-cssselect python3-cycler python3-dateutil python3-debian python3-decorator
python3-defusedxml python3-deprecated python3-distro python3-django python3-djangorestframework python3-dnspython
python3-docker python3-docopt python3-docutils python3-dulwich python3-editables python3-execnet python3-falcon
python3-feedparser python3-filelock python3-flask python3-fonttools python3-freezegun python3-frozenlist python3-future
python3-gevent python3-git python3-gitdb python3-google-auth python3-greenlet python3-gunicorn python3-h11 python3-h2
python3-html5lib python3-httpcore python3-httplib2 python3-httpx python3-humanize python3-hyperlink python3-hypothesis
python3-idna python3-imagesize python3-importlib-metadata python3-iniconfig python3-ipython python3-isodate
python3-itsdangerous python3-jedi python3-jinja2 python3-jmespath python3-joblib python3-jsonpatch python3-jsonschema
python3-jwt python3-keyring python3-kiwisolver python3-kombu python3-lark python3-ldap python3-limits python3-lxml
python3-lz4 python3-mako python3-markdown python3-markupsafe python3-matplotlib-inline python3-mccabe python3-mistune
python3-mock python3-more-itertools python3-msgpack python3-multidict python3-mypy-extensions python3-nacl
python3-natsort python3-netaddr python3-networkx python3-nose2 python3-numpy python3-oauthlib python3-olefile
python3-openpyxl python3-orjson python3-packaging python3-pandas python3-paramiko python3-parso python3-passlib
python3-pathspec python3-pexpect python3-pil python3-pkginfo python3-platformdirs python3-pluggy python3-ply
python3-prettytable python3-prompt-toolkit python3-psutil python3-psycopg2 python3-ptyprocess python3-py
python3-pyasn1 python3-pycodestyle python3-pycparser python3-pycurl python3-pydantic python3-pyflakes python3-pygments
python3-pymysql python3-pyparsing python3-pytest python3-redis python3-regex python3-requests python3-rich
python3-ruamel.yaml python3-s3transfer python3-scipy python3-setuptools python3-simplejson python3-six python3-sniffio
python3-sortedcontainers python3-soupsieve python3-sphinx python3-sqlalchemy python3-sqlparse python3-stevedore
python3-sympy python3-tabulate python3-tenacity python3-toml python3-tornado python3-tqdm python3-traitlets
python3-twisted python3-tz python3-tzlocal python3-ujson python3-uritemplate python3-urllib3 python3-vine
python3-wcwidth python3-webob python3-websocket python3-websockets python3-werkzeug python3-wheel python3-wrapt
python3-xlrd python3-yaml python3-yarl python3-zipp python3-zmq python3-zope.interface
""".split()

APPLICATIONS = """
ansible-core apt-listchanges bleachbit borgbackup cloud-init deluge-common devscripts duplicity fail2ban flake8 gajim
gdebi-core gufw hplip-data httpie jupyter-core lsb-release magic-wormhole meld mercurial mercurial-common onboard
pastebinit pelican poedit-common ranger reportbug rst2pdf s3cmd software-properties-common sphinx-common
sqlmap streamlink supervisor terminator thonny tox unattended-upgrades virt-manager virtinst xonsh yt-dlp
""".split()
