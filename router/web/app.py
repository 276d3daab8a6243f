# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The web application: everything put together."""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

from router.settings import Settings
from router.store.store import Store
from router.web import health
from router.web.access import ANY_SCOPE, ANYBODY, Require
from router.web.api import items, letters, models, protocols, register, trainings
from router.web.middleware import HeadersMiddleware, LanguageMiddleware
from router.web.pages import dividing, inbox, sessions
from router.web.pages import letters as letter_pages
from router.web.pages import register as register_pages
from router.web.pages import training as training_pages
from router.web.problems import UnknownErrorMiddleware, handle_errors
from router.web.services import Services
from router.web.templating import STATIC_FOLDER
from router.work.desk import Desk

__all__ = ["create_app"]

_STATIC_SECONDS = 365 * 24 * 3600


class _Static(StaticFiles):
    """Static files; their addresses change with their contents, so browsers may keep them for good."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = f"public, max-age={_STATIC_SECONDS}, immutable"
        return response


def create_app(store: Store, desk: Desk, settings: Settings) -> FastAPI:
    """Build the application.

    Parameters
    ----------
    store
        Open store; closing it stays with who opened it.
    desk
        Reading and deciding with what is in force.
    settings
        Limits, language, public address.
    """
    app = FastAPI(
        title="Postweiche",
        summary="Routes the incoming mail of a public office to the responsible post",
        version="1",
        # The built-in documentation pages load scripts from elsewhere; the description itself is served below.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = Services(store, desk, settings)
    handle_errors(app)
    app.include_router(_api(app))
    for part in (sessions, inbox, letter_pages, dividing, training_pages, register_pages, health):
        app.include_router(part.router)
    # Only files that are the same for everybody are compressed: compressed pages would leak through their length.
    app.mount("/static", GZipMiddleware(_Static(directory=STATIC_FOLDER), minimum_size=1024), name="static")
    # The last one added is the first to see a request.
    app.add_middleware(UnknownErrorMiddleware)
    app.add_middleware(LanguageMiddleware, fallback=settings.lang)
    app.add_middleware(HeadersMiddleware)
    return app


def _api(app: FastAPI) -> APIRouter:
    api = APIRouter(prefix="/api/v1")
    for part in (items, protocols, letters, trainings, models, register):
        api.include_router(part.router)

    @api.get("/openapi.json", include_in_schema=False, dependencies=[Depends(Require(ANYBODY, ANY_SCOPE))])
    def openapi() -> Response:
        """Describe the API."""
        return JSONResponse(app.openapi())

    return api
