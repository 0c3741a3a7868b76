# Nothing clever: each command creates .venv on first use, installs what it needs, and runs.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
ENVIRONMENT = command -v $(PYTHON) >/dev/null || { echo 'Python is missing: install Python 3.11 or newer (on Debian: apt install python3 python3-venv).' >&2; exit 1; }; $(PYTHON) tools/environment.py
BOOK := _build/html
REPORTS := _build/reports
PYTEST := OMP_NUM_THREADS=1 $(RUN) -m pytest -q -n 2
TEXT = _build/text/$(basename $(notdir $(NB))).py

.PHONY: help book pdf test quick notebooks experiments confirm bench bench-peers text update lint serve clean built system
.PHONY: for-book for-test
.DELETE_ON_ERROR:

help:
	@echo 'make book        build the book from its stored outputs; needs Python 3.11 or newer'
	@echo 'make serve       read it at http://localhost:8000'
	@echo 'make pdf         print it as one file, _build/book.pdf; needs Chromium'
	@echo 'make test        prove it: tests, every stored output run again, the built book'
	@echo 'make quick       what is checked within a minute, while one writes'
	@echo 'make notebooks   run the notebooks in place (NB=notebooks/05_grids.ipynb: only this)'
	@echo 'make experiments run the studies over seeds again; takes five hours of one core (EXP=experiments/05_shifts.py: only this)'
	@echo 'make confirm     after a change that moves no number: show it for the stored studies (STUDY=05_shifts: only this)'
	@echo 'make bench       time the library against its peers (BENCH=benchmarks/graphs.py: only this)'
	@echo 'make bench-peers the same against peers that need an environment of their own, .venv-peers'
	@echo 'make text NB=…   write a notebook as _build/text/NAME.py, to edit it'
	@echo 'make update NB=… put the edited text back into the notebook; then make notebooks'
	@echo 'make lint        style and spelling'
	@echo 'make oldest      the library with the oldest dependencies that it allows; newest: the newest; dist: its wheel'
	@echo 'make lab-check   two chapters in JupyterLab, run and used by a browser, in .venv-lab'
	@echo 'make clean       remove what was built (.venv stays)'

# ------------------------------------------------------------------------------- install
# tools/environment.py does nothing if all is there, and says in one sentence what is missing.
for-book for-test:
	@$(ENVIRONMENT) $(VENV) $(subst for-,,$@)

# ---------------------------------------------------------------------------------- book
# Always from scratch: it takes seconds, and an incremental build forgets its warnings.
built: for-book
	@rm -rf _build/html _build/.doctrees && mkdir -p _build
	@$(VENV)/bin/jupyter-book build . --toc book/_toc.yml --path-output . -q -n -W --keep-going \
	  >_build/book.log 2>&1 || { cat _build/book.log; rm -rf $(BOOK); exit 1; }
	@$(RUN) tools/check_book.py $(BOOK)

book: built
	@echo 'The book is $(BOOK)/index.html; make serve shows it at http://localhost:8000.'

serve:
	@test -f $(BOOK)/index.html || { echo 'There is no book yet: run make book.' >&2; exit 1; }
	@$(RUN) -m http.server 8000 --bind 127.0.0.1 --directory $(BOOK)

# What prints it is among the things for tests.
pdf: for-test built
	@$(RUN) tools/make_pdf.py

# ---------------------------------------------------------------------------------- test
system: for-test
	@$(RUN) tools/check_system.py

# What is quick comes first, so that a mistake shows in seconds. Kernels write down what they execute
# (tools/record_cells.py), and test_once.py, after all that start kernels, sees that each chapter ran once.
test: export GDL_EXECUTED := $(CURDIR)/$(REPORTS)/executed
test: lint system
	@rm -rf $(REPORTS) && mkdir -p $(REPORTS)
	$(PYTEST) --junitxml=$(REPORTS)/1_units.xml tests --ignore=tests/site/browser \
	  --ignore=tests/site/test_book.py --ignore=tests/site/test_reproductions.py --ignore=tests/site/test_standins.py --ignore=tests/course/test_doctored.py \
	  --ignore=tests/course/test_once.py
	$(RUN) tools/strict_nbval.py --junitxml=$(REPORTS)/2_notebooks.xml
	$(RUN) -m pytest -q --junitxml=$(REPORTS)/3_doctored.xml tests/course/test_doctored.py tests/course/test_once.py
	@$(MAKE) --no-print-directory built
	$(PYTEST) --junitxml=$(REPORTS)/4_book.xml tests/site/test_book.py tests/site/test_reproductions.py tests/site/test_standins.py tests/site/browser
	@$(RUN) tools/tally.py $(REPORTS)

# While one writes: style, the language, the notebooks' policy, what imports what; under a minute.
quick: lint
	@$(PYTEST) -m 'not slow' tests/library/test_install.py tests/library/test_faces.py tests/library/test_training.py \
	  tests/library/grids tests/course/test_notebooks.py tests/site/test_front.py tests/site/test_plan.py

lint: for-test
	@$(RUN) -m ruff check -q .
	@$(RUN) -m ruff format -q --check .
	@$(VENV)/bin/codespell

# ----------------------------------------------------------------------------- notebooks
notebooks: system
	@$(RUN) tools/refresh_notebooks.py $(NB)

EXP ?= $(sort $(wildcard experiments/[0-9]*.py))
experiments: for-test
	@set -e; for script in $(EXP); do echo "$$script"; OMP_NUM_THREADS=1 $(RUN) $$script; done

confirm: for-test
	@OMP_NUM_THREADS=1 $(RUN) experiments/confirm.py $(STUDY)

# ---------------------------------------------------------------------------- benchmarks
# A subject is a script that is no tool of the others; NAME_peers.py needs what .venv-peers has.
SUBJECTS = $(filter-out $(addprefix benchmarks/,timing.py page.py memory.py),$(sort $(wildcard benchmarks/[a-z]*.py)))
BENCH ?= $(filter-out %_peers.py,$(SUBJECTS))
bench: for-test
	@set -e; for script in $(BENCH); do echo "$$script"; OMP_NUM_THREADS=1 $(RUN) $$script; done

PEERS := .venv-peers
bench-peers: $(PEERS)/ready
	@set -e; for script in $(filter %_peers.py,$(SUBJECTS)); do echo "$$script"; \
	  OMP_NUM_THREADS=1 $(PEERS)/bin/python $$script; done

# escnn needs numpy below 2 and compiles Fortran: never in .venv.
$(PEERS)/ready: pyproject.toml
	@$(ENVIRONMENT) $(PEERS) check
	@command -v gfortran >/dev/null || { echo 'escnn is compiled with gfortran: install it first (on Debian: apt install gfortran).' >&2; exit 1; }
	@echo 'Installing escnn and the library into $(PEERS) (once; about 2 GB).'
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install -q --disable-pip-version-check 'numpy==1.26.4' 'pygeodesic==0.1.9' $$(grep '^torch==' constraints.txt) escnn -e . || \
	  { echo 'The peers cannot be installed here (see above); .venv is as it was, and make bench works without them.' >&2; exit 1; }
	@touch $@

# ------------------------------------------------------------------------------- authors
text: for-test
	@mkdir -p _build/text
	@$(RUN) -m jupytext -q --to py:percent -o $(TEXT) $(NB)
	@echo $(TEXT)

update: for-test
	@$(RUN) -m jupytext -q --update --to ipynb -o $(NB) $(TEXT)

clean:
	@rm -rf _build build dist *.egg-info .pytest_cache .ruff_cache
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# --- floors
# The library's and the contract's tests in environments of their own: with exactly the floors of
# pyproject.toml, with the newest that it allows, and with the wheel that comes out of the source archive.
.PHONY: oldest newest dist FORCE
INSTALL = $(1)/bin/python -m pip install -q --disable-pip-version-check
LIBRARY = OMP_NUM_THREADS=1 PYTHONSAFEPATH=1 $(1)/bin/python -m pytest -q -n 2 tests/library tests/contract

oldest newest: %: .venv-%/ready
	@.venv-$@/bin/python -m pip list --format=freeze > .venv-$@/versions.txt
	$(call LIBRARY,.venv-$@) $(IGNORED_$@)

# An old version beside a newer one of what it needs in turn: they warn of each other, not of us.
IGNORED_oldest = -W ignore::DeprecationWarning

.venv-oldest/ready: pyproject.toml setup.py tools/oldest.py
	@$(ENVIRONMENT) .venv-oldest check
	@echo 'Installing the oldest allowed dependencies into .venv-oldest (once; 3 GB to download).'
	@$(PYTHON) -m venv --clear .venv-oldest
	@.venv-oldest/bin/python tools/oldest.py > .venv-oldest/floors.txt
	@$(call INSTALL,.venv-oldest) -c .venv-oldest/floors.txt setuptools
	@$(call INSTALL,.venv-oldest) -c .venv-oldest/floors.txt --no-build-isolation -e '.[chapters,test]'
	@touch $@

# Never up to date: what is newest is another set tomorrow.
.venv-newest/ready: FORCE
	@$(ENVIRONMENT) .venv-newest check
	@echo 'Installing the newest allowed dependencies into .venv-newest (3 GB to download at first).'
	@$(PYTHON) -m venv .venv-newest
	@$(call INSTALL,.venv-newest) --upgrade --upgrade-strategy eager -e '.[chapters,test]'
	@touch $@

dist:
	@$(ENVIRONMENT) .venv-dist check
	@rm -rf dist build && $(PYTHON) -m venv --clear .venv-dist
	@$(call INSTALL,.venv-dist) -c constraints.txt build
	@.venv-dist/bin/python -m build >/dev/null
	@$(PYTHON) tools/check_dist.py dist
	@$(call INSTALL,.venv-dist) -c constraints.txt "$$(ls dist/*.whl)[chapters,test]"
	@.venv-dist/bin/python -P -c 'import gdl_utils, sys; "site-packages" in gdl_utils.__file__ or sys.exit("These would be the tests of the checkout.")'
	$(call LIBRARY,.venv-dist)

# --- JupyterLab
# Two chapters, opened, run from the menu and looked at by a browser, in an environment with JupyterLab.
.PHONY: lab-check
lab-check: for-test .venv-lab/ready
	@$(RUN) tools/check_lab.py .venv-lab

.venv-lab/ready: pyproject.toml
	@$(ENVIRONMENT) .venv-lab check
	@echo 'Installing JupyterLab and the library into .venv-lab (once; 3 GB to download).'
	@$(PYTHON) -m venv .venv-lab
	@$(call INSTALL,.venv-lab) -c constraints.txt 'jupyterlab>=4.2,<5' -e '.[chapters]'
	@touch $@
