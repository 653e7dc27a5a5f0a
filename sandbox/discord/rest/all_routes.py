"""Every route of the API, group by group."""

from sandbox.discord.attachments import Attachments
from sandbox.discord.commands import Registry
from sandbox.discord.happenings import Happenings
from sandbox.discord.memberships import Memberships
from sandbox.discord.publishing import Publishing
from sandbox.discord.responses import Responses
from sandbox.discord.rest.accounts import Accounts
from sandbox.discord.rest.channels import Channels
from sandbox.discord.rest.commands import Commands
from sandbox.discord.rest.files import Files
from sandbox.discord.rest.guilds import Guilds
from sandbox.discord.rest.interactions import InteractionRoutes
from sandbox.discord.rest.messages import Messages
from sandbox.discord.rest.reactions import Reactions
from sandbox.discord.rest.route import Route


def of(
    *,
    happenings: Happenings,
    publishing: Publishing,
    responses: Responses,
    registry: Registry,
    memberships: Memberships,
    accounts: Accounts,
    attachments: Attachments,
) -> list[Route]:
    """The routes in the order in which they are tried."""
    groups = (
        accounts,
        Messages(happenings, publishing),
        Reactions(happenings),
        Channels(happenings),
        Guilds(happenings, memberships),
        Commands(happenings, registry),
        Files(attachments),
        InteractionRoutes(responses, happenings.wire, happenings.world.application_id),
    )
    return [route for group in groups for route in group.routes()]
