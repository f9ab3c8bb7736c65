"""Command line: build the style sheet, or draw the icon sprite anew."""

import argparse
from pathlib import Path

from okno.web.frontend.building import build_styles, compressed_size
from okno.web.frontend.icons import draw_sprite


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m okno.web.frontend", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("styles", help="собрать таблицу стилей (так и без слова)")
    icons = commands.add_parser("icons", help="перерисовать набор значков")
    icons.add_argument("folder", type=Path, help="папка icons распакованного пакета lucide-static")
    arguments = parser.parse_args()
    made = draw_sprite(source=arguments.folder) if arguments.command == "icons" else build_styles()
    print(f"{made.name}: {made.stat().st_size / 1024:.1f} КБ, сжатый {compressed_size(made) / 1024:.1f} КБ")


if __name__ == "__main__":
    main()
