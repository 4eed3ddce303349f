"""Images of emails: uploaded by editors, loaded by everybody's inbox."""

from typing import Annotated

from fastapi import APIRouter, File, Response, UploadFile
from pydantic import BaseModel, Field

from rxapp.api.deps import needs
from rxapp.db.models import Role
from rxapp.domain import images

# What is under a name never changes. No script runs in it, wherever it is opened.
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter()


class ImageOut(BaseModel):
    """An image that was kept."""

    url: str = Field(description="Where inboxes load it, for good.")


@router.post("/api/v1/images", status_code=201, dependencies=[needs(Role.EDITOR)], tags=["Images"])
def upload_image(
    file: Annotated[UploadFile, File(description="PNG, JPEG, GIF, WebP.")],
) -> ImageOut:
    """Keep an image for emails, up to 5 MB. The same image gets the same address."""
    content = file.file.read(images.MAX_BYTES + 1)
    return ImageOut(url=images.url(images.save(content)))


@router.get("/images/{name}", tags=["Images"], response_class=Response)
def get_image(name: str) -> Response:
    """The image itself, for inboxes."""
    content, media_type = images.find(name)
    return Response(content, media_type=media_type, headers=_HEADERS)
