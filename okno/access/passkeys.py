"""Signing in with a passkey, as allauth does it, in words that fit a key."""

from typing import Any

from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class PasskeyForm(LoginWebAuthnForm):  # type: ignore[misc]
    """The key that the browser has brought; a stranger's is not told to be a wrong code."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except ValidationError as error:
            raise ValidationError(_("Этого ключа здесь не знают: его убрали или сменили. Войдите паролем.")) from error
