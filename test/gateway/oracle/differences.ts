/** Why the gateway answers otherwise than oidc-provider on purpose, and in which cases. */
export interface Difference {
  readonly why: string;
  readonly cases: readonly {
    readonly gateway: string;
    readonly oracle: string;
    /** As the lists of cases name them. */
    readonly names: readonly string[];
  }[];
}

/** Of errors that oidc-provider sends to the client, and the gateway shows. */
const pageInstead = (error: string, names: readonly string[]) => ({
  gateway: `400 page ${error}`,
  oracle: `back at the client with ${error}`,
  names,
});

/** A test fails for a difference that is not here, and for one here that is none any more. */
export const differences: readonly Difference[] = [
  {
    why: "Until somebody has consented, nothing leads a browser to the client (RFC 9700 section 4.11.2): errors stay on the gateway's page. oidc-provider sends them on.",
    cases: [
      pageInstead("invalid_request", [
        "no response_type",
        "no PKCE",
        "a challenge without its method",
        "a method without a challenge",
        "PKCE with plain",
        "PKCE with an unknown method",
        "a short challenge",
        "the redirect URI twice",
        "the challenge twice",
      ]),
      pageInstead("unsupported_response_type", [
        "response_type=token",
        "response_type=code id_token",
      ]),
      {
        gateway: "400 page invalid_request",
        oracle: "back at the client with unsupported_response_mode",
        names: ["an unknown response_mode"],
      },
      pageInstead("invalid_target", [
        "another resource",
        "the resource with a slash",
        "the resource with a fragment",
        "a resource that is no URL",
      ]),
      {
        gateway: "400 page invalid_request",
        oracle: "back at the client with invalid_target",
        names: ["a second resource"],
      },
      {
        gateway: "400 page invalid_request",
        oracle: "back at the client with invalid_request, without its state",
        names: ["state twice"],
      },
      pageInstead("request_not_supported", ["a request object"]),
      pageInstead("request_uri_not_supported", ["a request object by reference"]),
      pageInstead("registration_not_supported", ["a registration within the request"]),
      {
        gateway: "400 page consent_required",
        oracle: "back at the client with login_required",
        names: ["prompt=none"],
      },
      {
        gateway: "400 page consent_required",
        oracle: "back at the client with invalid_request",
        names: ["prompt=none login"],
      },
    ],
  },
  {
    why: "On a page that people read, RFC 6749 asks for no error code: oidc-provider shows some of its own, the gateway says in words what is wrong.",
    cases: [
      {
        gateway: "400 page without an error",
        oracle: "400 page invalid_client",
        names: [
          "an unknown client",
          "a client_id of markup",
          "a document that is no JSON",
          "a document that is a page",
          "a document of 100 KiB",
          "a document's URL over http",
          "a document's URL with a fragment",
          "a document's URL with a user",
          "a document's URL with dot segments",
          "a document's URL without a path",
        ],
      },
      {
        gateway: "400 page invalid_request",
        oracle: "400 page invalid_redirect_uri",
        names: [
          "somebody else's redirect URI",
          "the redirect URI with a query",
          "the redirect URI with a slash",
          "the redirect URI with dot segments",
          "the redirect URI in other letters",
          "the redirect URI with a user",
          "a loopback redirect URI with another path",
          "localhost in place of 127.0.0.1",
          "a document without this redirect URI",
        ],
      },
      {
        gateway: "400 page without an error",
        oracle: "400 page invalid_client_metadata",
        names: [
          "a document with another client's id",
          "a document without an id",
          "a document with a secret",
          "a document with when its secret expires",
          "a document of client_secret_basic",
          "a document of private_key_jwt",
          "a document whose name is no text",
          "a document without the code grant",
          "a document that is a list",
          "a document's URL in capitals",
        ],
      },
      {
        gateway: "400 page without an error",
        oracle: "400 page invalid_redirect_uri",
        names: ["a document without redirect URIs", "a document with javascript:"],
      },
    ],
  },
  {
    why: "The consent page names where the answer goes, so that the request has to; a client with one redirect URI may leave it out at oidc-provider.",
    cases: [
      {
        gateway: "400 page invalid_request",
        oracle: "asks the person",
        names: ["no redirect URI"],
      },
    ],
  },
  {
    why: "The gateway answers in the query alone, and its metadata say so: a code in a fragment is there for scripts, and one in a form crosses sites.",
    cases: [
      {
        gateway: "400 page invalid_request",
        oracle: "asks the person",
        names: ["response_mode=fragment", "response_mode=form_post"],
      },
    ],
  },
  {
    why: "A challenge that is no SHA-256 digest is one that no verifier meets: the gateway says so at once.",
    cases: [
      {
        gateway: "400 page invalid_request",
        oracle: "asks the person",
        names: ["a challenge of 44 characters"],
      },
    ],
  },
  {
    why: "Of scopes that it does not know the gateway ignores those beside its own; a request for nothing that it knows is invalid_scope (RFC 6749 section 3.3). oidc-provider ignores all.",
    cases: [
      {
        gateway: "400 page invalid_scope",
        oracle: "asks the person",
        names: ["an unknown scope alone"],
      },
    ],
  },
  {
    why: "No parameter may come twice (RFC 6749 section 3.1), known or not, nor with control characters, malformed encoding or without end: whoever reads it next may see something else.",
    cases: [
      {
        gateway: "400 page invalid_request",
        oracle: "asks the person",
        names: [
          "an unknown parameter twice",
          "a line break in state",
          "a state of 3,000 characters",
          "malformed percent-encoding",
        ],
      },
      {
        gateway: "400 invalid_request",
        oracle: "400 unsupported_grant_type",
        names: ["malformed percent-encoding in a form"],
      },
      {
        gateway: "400 invalid_request",
        oracle: "200 granted",
        names: ["an unknown parameter twice in a form"],
      },
    ],
  },
  {
    why: "What only OpenID Connect knows is ignored, as RFC 6749 section 3.1 asks: there are no id tokens, and people are asked each time.",
    cases: [
      {
        gateway: "asks the person",
        oracle: "back at the client with invalid_request",
        names: ["an unknown prompt", "an id_token_hint that is none", "max_age that is no number"],
      },
    ],
  },
  {
    why: "A method that a path has not is 405 with Allow (RFC 9110 section 15.5.6); to oidc-provider there is no such path.",
    cases: [
      {
        gateway: "405 method_not_allowed",
        oracle: "404 without an error, cacheable",
        names: ["a request by PUT", "a token by GET", "revoking by GET", "a registration by GET"],
      },
    ],
  },
  {
    why: "A body that is too large is 413 (RFC 9110 section 15.5.14).",
    cases: [
      {
        gateway: "413 body_too_large",
        oracle: "400 invalid_request",
        names: ["a body of 100 KiB"],
      },
    ],
  },
  {
    why: "A code that comes with another client, redirect URI or verifier is in the wrong hands, and is spent (RFC 9700 section 4.5); oidc-provider lets them try again.",
    cases: [
      {
        gateway: "400 invalid_grant",
        oracle: "200 granted",
        names: [
          "a code after another redirect URI",
          "a code after a wrong verifier",
          "a code after another client",
        ],
      },
    ],
  },
  {
    why: "A request for another resource is a mistake of the client's own: the gateway refuses it before it looks at the code, which stays good.",
    cases: [
      {
        gateway: "200 granted",
        oracle: "400 invalid_grant",
        names: ["a code after another resource"],
      },
    ],
  },
  {
    why: "A missing parameter is invalid_request, a verifier that is not the code's invalid_grant (RFC 7636 section 4.6), whatever its form; oidc-provider has it the other way round.",
    cases: [
      {
        gateway: "400 invalid_request",
        oracle: "400 invalid_grant",
        names: ["no verifier"],
      },
      {
        gateway: "400 invalid_grant",
        oracle: "400 invalid_request",
        names: ["a verifier that is too short"],
      },
    ],
  },
  {
    why: "A code or token names its client, so that the gateway looks up none here: an id that the settings let nobody have is unauthorized_client, any other one that is not the token's invalid_grant. Clients know all three.",
    cases: [
      {
        gateway: "400 unauthorized_client",
        oracle: "401 invalid_client",
        names: ["an unknown client with the code"],
      },
      {
        gateway: "400 invalid_grant",
        oracle: "401 invalid_client",
        names: ["revoking as an unknown client"],
      },
    ],
  },
  {
    why: "Clients are public: one that sends a secret or an assertion is told so, and not left to believe that it protects anything. oidc-provider ignores it.",
    cases: [
      {
        gateway: "400 invalid_client",
        oracle: "200 granted",
        names: [
          "a secret of a public client",
          "an assertion of a public client",
          "revoking with a secret",
        ],
      },
    ],
  },
  {
    why: "For a minute a replaced refresh token returns the same successor, for the client that lost an answer or refreshes twice at once. oidc-provider ends the grant.",
    cases: [
      {
        gateway: "200 granted",
        oracle: "400 invalid_grant",
        names: ["a refresh token a second time, at once"],
      },
    ],
  },
  {
    why: "Each call looks at its grant, so that access tokens can be revoked, and whoever gives one up ends the sign-in (RFC 7009 section 2.1 leaves it open). oidc-provider's JWTs last until they expire.",
    cases: [
      {
        gateway: "200 granted",
        oracle: "400 unsupported_token_type",
        names: ["revoking an access token"],
      },
      {
        gateway: "400 invalid_grant",
        oracle: "200 granted",
        names: ["a refresh token whose access token was revoked"],
      },
    ],
  },
  {
    why: "A client that revokes another's token is refused and told so (RFC 7009 section 2.1); oidc-provider says 200 and does nothing. Neither ends anything.",
    cases: [
      {
        gateway: "400 invalid_grant",
        oracle: "200 granted",
        names: ["revoking as another client"],
      },
    ],
  },
  {
    why: "Redirect URIs are https, loopback http, or a scheme that a setting names, without user and dot segments; oidc-provider takes more.",
    cases: [
      {
        gateway: "400 invalid_redirect_uri",
        oracle: "201 granted",
        names: [
          "a redirect URI over http",
          "a redirect URI with dot segments",
          "a redirect URI with a user in it",
          "a redirect URI with a private scheme",
        ],
      },
    ],
  },
  {
    why: "A registration is answered with what holds (RFC 7591 section 3.2.1), without the grants that there are not; oidc-provider refuses it.",
    cases: [
      {
        gateway: "201 granted",
        oracle: "400 invalid_client_metadata",
        names: ["a further grant type"],
      },
    ],
  },
  {
    why: "RFC 7591 section 3.2.2 has no error for a body that is no object of metadata: the gateway calls it invalid_client_metadata, oidc-provider invalid_request.",
    cases: [
      {
        gateway: "400 invalid_client_metadata",
        oracle: "400 invalid_request",
        names: [
          "a registration that is a list",
          "a registration that is no JSON",
          "an empty registration",
        ],
      },
    ],
  },
  {
    why: "MCP has a client's document name it (2026-07-28): the consent page shows the name.",
    cases: [
      {
        gateway: "400 page without an error",
        oracle: "asks the person",
        names: ["a document without a name"],
      },
    ],
  },
  {
    why: "Of a document nothing counts but id, name, redirect URIs and how the client authenticates: the gateway neither shows nor fetches what else it names.",
    cases: [
      {
        gateway: "asks the person",
        oracle: "400 page invalid_client_metadata",
        names: ["a document with a logo over http"],
      },
    ],
  },
  {
    why: "A document's URL is an id: with a query, which the draft advises against, one document would have many.",
    cases: [
      {
        gateway: "400 page without an error",
        oracle: "asks the person",
        names: ["a document's URL with a query"],
      },
    ],
  },
  {
    why: "A document that cannot be had may be there in a minute: 503 with Retry-After, and a page that says so.",
    cases: [
      {
        gateway: "503 page without an error",
        oracle: "400 page invalid_client",
        names: [
          "a document that is not there",
          "a document whose host fails",
          "a document elsewhere",
          "a document on a host that is not there",
        ],
      },
    ],
  },
];
