"""Readers beside CSV: workbooks, JSON Lines, Parquet, Arrow, vCards, queries; each gives rows of text, numbered truly.

A reader holds one batch at a time, can be gone through again and again, and never lets a parser's own error out.
"""
