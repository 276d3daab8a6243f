# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letter and facts and office to decision: evidence, confidence, gates, explanation. Pure."""
