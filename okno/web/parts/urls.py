"""Addresses of the frame: search, drafts, saved views, appearance; the gallery in the demo."""

from django.urls import path

from okno.web.parts import appearance, drafts, gallery, omnibox, saved_views

urlpatterns = [
    path("search/", omnibox.search, name="search"),
    path("drafts/<slug:form>/<slug:object>/", drafts.draft, name="draft"),
    path("views/", saved_views.keep_view, name="keep_view"),
    path("me/appearance/", appearance.appearance, name="appearance"),
    path("me/language/", appearance.language, name="language"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("gallery/list/", gallery.gallery_list, name="gallery_list"),
    path("gallery/drawer/", gallery.gallery_drawer, name="gallery_drawer"),
]
