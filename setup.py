"""Everything is said in pyproject.toml, but for this: a wheel carries the stored studies along.

They stand in ``book/results/``, outside the package, for the book is made from them too. Chapters
read them with ``gdl_utils.data.results.load_results``, in a checkout and where only the wheel is.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SOURCE, TARGET = Path("book/results"), Path("gdl_utils/data/studies")


class BuildWithStudies(build_py):
    """Copies ``book/results/NN_name.json`` into the built package; not into an editable one."""

    def studies(self):
        return {} if self.editable_mode else {p: p.name for p in SOURCE.glob("[0-9]*.json")}

    def run(self):
        super().run()
        folder = Path(self.build_lib, TARGET)
        for study, name in self.studies().items():
            self.mkpath(str(folder))
            self.copy_file(str(study), str(folder / name))

    def get_outputs(self, include_bytecode=True):
        copies = [str(Path(self.build_lib, TARGET, name)) for name in self.studies().values()]
        return [*super().get_outputs(include_bytecode), *copies]


setup(cmdclass={"build_py": BuildWithStudies})
