import type { Requirements } from "./requirement.ts";

export const gatewayTokensRequirements = {
  "RFC 5116 sections 2.1 and 3.1": {
    "gateway.sealed":
      "What is sealed opens with its key, for its purpose and grant alone, and not once a bit is changed; each sealing has a fresh nonce.",
  },
  "RFC 5869 section 3.1": {
    "gateway.locked":
      "What is locked for a token opens with that token and the server's key together, and with neither alone.",
  },
  "RFC 6749 section 10.10": {
    "gateway.opaque":
      "Codes and refresh tokens have 32 random bytes; one kind is never taken for the other, and only the very text that was given out is accepted.",
    "gateway.genuine":
      "A token that this server has made, however old, is told from one that was invented or changed.",
  },
  "RFC 6749 section 5.1": {
    "gateway.token.answer":
      "Tokens are answered with their type, lifetime and scope, and their client counts as in use.",
    "gateway.token.no-store": "No answer of the token endpoint is kept by a cache.",
  },
  "RFC 6749 section 5.2": {
    "gateway.token.request":
      "A request for tokens that lacks a parameter, or has one twice, is refused and spends nothing.",
    "gateway.token.public":
      "A client that tries to authenticate is told plainly that all clients are public.",
    "gateway.token.forgotten":
      "A client whose registration is gone, and whose code or refresh token is not good, is told invalid_client, so that it registers again instead of asking its person to sign in to no avail.",
    "gateway.token.grants": "Tokens are given for codes and refresh tokens alone.",
    "gateway.token.allowed":
      "A client that is not among those that may use the server gets no tokens.",
    "gateway.token.unavailable":
      "Where store or keys fail, the answer is 503 with a time to wait, and the code or refresh token stays as it was.",
  },
  "RFC 8707 section 2": {
    "gateway.token.resource":
      "A request for tokens may name this server's resource, to the letter, and no other.",
  },
  "RFC 6749 section 4.1.2": {
    "gateway.code.redeemed": "A code brings tokens that let its person in.",
    "gateway.code.expired":
      "A code is good for a minute; a grant whose code nobody redeems is gone minutes later.",
    "gateway.code.once": "Of all who redeem a code at once, on any instance, one gets tokens.",
    "gateway.code.replayed":
      "A code that is used twice ends its grant, however late, and all tokens that it brought.",
  },
  "https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1-13#section-10.2": {
    "gateway.code.redirect-uri":
      "A client of OAuth 2.1 redeems its code without naming the redirect URI again.",
  },
  "RFC 9700 section 4.5": {
    "gateway.code.misused":
      "A code that comes with another verifier, redirect URI or client brings nothing and is spent.",
  },
  "RFC 9700 section 4.14.2": {
    "gateway.refresh.rotated": "Each refresh replaces the refresh token.",
    "gateway.refresh.once":
      "Of all who refresh with one token at once, on any instance, all get the same successor or are asked to try again.",
    "gateway.refresh.window":
      "For 60 s a replaced refresh token returns the same successor, as long as that has not been used, each time with a new access token.",
    "gateway.refresh.reused":
      "A replaced refresh token that comes later, or once its successor was used, ends the grant.",
  },
  "RFC 6749 section 6": {
    "gateway.refresh.bound": "A refresh token is good for the client that it was issued to alone.",
    "gateway.refresh.scope":
      "A refresh may ask for less than was granted, never for more; what clients ask for out of habit is ignored.",
  },
  "RFC 7009 section 2.1": {
    "gateway.revoked":
      "Revoking an access or refresh token, one that was replaced too, ends its grant and no other.",
    "gateway.revoked.bound": "A token is revoked by the client that it was issued to alone.",
    "gateway.revoked.request":
      "A revocation names token and client; credentials are refused as at the token endpoint.",
  },
  "RFC 7009 section 2.2": {
    "gateway.revoked.unknown":
      "Revoking what is no good token, or no longer, is answered 200 and ends nothing.",
    "gateway.revoked.unavailable": "A revocation that cannot be done now is answered 503.",
  },
  "RFC 9068 sections 2 and 4": {
    "gateway.access.form":
      "Access tokens are signed with ES256, have the type at+jwt and the claims of RFC 9068, and last ten minutes.",
    "gateway.access.expired":
      "An access token is refused once its time is up, which is never after Entra's.",
    "gateway.access.refused":
      "A token with another issuer, audience, type, algorithm, key or scope, or of another kind, is refused.",
  },
  "docs/gateway.md, How it works": {
    "gateway.grants.bounded": "An instance holds a few hundred grants in memory at most.",
    "gateway.access.caller":
      "The caller is the person of Entra's token, through the gateway's client, and goes on with Entra's token.",
    "gateway.access.upstream": "Entra's token is verified on every call, as on /mcp.",
    "gateway.access.version":
      "An instance that sees an older grant than an access token was made from reads again, and else answers 503.",
    "gateway.access.in-time": "A call waits five seconds at most for the grant behind its token.",
    "gateway.access.unavailable": "A store or keys that fail make a call 503, never 401.",
    "gateway.grants.listed":
      "A person sees the grants that have not ended, with client, redirect URI and times.",
    "gateway.grants.ended":
      "A person's grants are ended one by one or all at once, codes that wait among them, and nobody else's.",
    "gateway.grants.none-missed":
      "Whoever ends all of a person's grants ends those too that another instance has made a moment before.",
    "gateway.own-write":
      "A write whose answer was lost, and which was sent again, is not taken for somebody else's.",
    "gateway.grants.contended":
      "A grant that is being refreshed ends all the same; where nothing can be written it fails as busy.",
  },
  "docs/gateway.md, Tokens and lifetimes": {
    "gateway.ended.instance": "A grant that ends lets nobody in on the instance that ended it.",
    "gateway.ended.elsewhere": "It lets in for ten seconds at most on other instances.",
    "gateway.challenge.ends":
      "A claims challenge, or a sign-in that has ended, ends the grant that let the caller in.",
    "gateway.challenge.demanded":
      "What was demanded waits a day for the next sign-in of the same person with the same client.",
    "gateway.challenge.settled":
      "A sign-in that asked Entra for what was demanded settles it, and no other does.",
    "gateway.challenge.others":
      "A challenge of a caller of /mcp ends nothing, and one that cannot be stored fails nothing.",
    "gateway.refresh.entra":
      "Each refresh asks Entra, with the refresh token that Entra gave last.",
    "gateway.refresh.refused": "A grant that Entra refuses to go on with ends.",
    "gateway.refresh.demanded":
      "What Entra demands when it refuses is asked for at the next sign-in with the client.",
    "gateway.refresh.limited":
      "A client that refreshes on and on does not have Entra throttle the gateway: for one grant Entra is asked 60 times in a minute at most, and what is beyond is put off.",
    "gateway.refresh.down":
      "While Entra cannot be asked, or does not accept the gateway itself, a refresh is answered 503 and nothing changes.",
    "gateway.refresh.same-person":
      "A grant never gets tokens of another person: one that Entra gives at a refresh ends it.",
    "gateway.refresh.verified":
      "Entra's token that comes at a refresh has to pass as a token on /mcp has to.",
    "gateway.lifetime.idle": "A grant that has given no tokens for the idle lifetime is over.",
    "gateway.lifetime.absolute":
      "A grant is over at the end of the absolute lifetime, and no access token outlives it.",
    "gateway.ended.final":
      "Nothing brings a grant back that has ended, a refresh under way either.",
    "gateway.ended.emptied":
      "Of a grant that has ended nothing is kept that a token opens, and what is kept goes after a day.",
  },
  "docs/gateway.md, Threats": {
    "gateway.access.bound": "An access token opens no grant but its own, even one that is signed.",
    "gateway.store.secrets": "No token, code or verifier stands in the store or in a log.",
    "gateway.crash":
      "An instance that is killed between any two steps leaves no grant that has ended and comes back, and no person who cannot start again.",
    "gateway.races":
      "Whatever holders of a grant's tokens do at once, on instances that see late and fail, a refresh token has one successor and nothing comes after the end.",
    "gateway.stale":
      "What an instance read late ends no grant and brings no tokens: only a write that succeeded decides.",
  },
} satisfies Requirements;
