# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letter to facts: references, persons and their roles, dates, language. Pure; knows neither database nor files."""
