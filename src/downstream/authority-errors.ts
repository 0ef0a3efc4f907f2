/**
 * The error codes that people meet when a token is exchanged, by the kind of failure that each stands
 * for. A code that is not listed is judged by the rest of the response. What each means and what to
 * do says `npm run doctor -- --explain CODE`.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const codesByKind = {
  "interaction-required": [50072, 50074, 50076, 50078, 50079, 50097, 50158],
  "consent-missing": [65001, 90094],
  "credential-rejected": [70021, 700024, 700027, 700211, 700212, 700213, 7000215, 7000222],
  misconfigured: [70011, 90002, 500011, 650057, 700016, 7000112],
  // The person's sign-in has expired, was revoked, or needs a new password: signing in again helps.
  "sign-in-ended": [
    50055, 50089, 50132, 50133, 50135, 50144, 50173, 500133, 70008, 70043, 700082, 700084,
  ],
  // What signing in again does not change: another audience, no person, an account that is disabled.
  "assertion-rejected": [50013, 50027, 50034, 50057, 500131, 7000114],
  "conditional-access-blocked": [53000, 53001, 53003, 530032],
  throttled: [50196, 90055],
  "authority-unavailable": [90006, 90024, 90033],
} as const;

/** The kinds of failure that one of the authority's own codes can stand for. */
export type AuthorityErrorKind = keyof typeof codesByKind;

/** `AADSTS65001` and the like, each with the kind of failure that it stands for. */
export const kindByCode: ReadonlyMap<string, AuthorityErrorKind> = new Map(
  (Object.keys(codesByKind) as AuthorityErrorKind[]).flatMap((kind) =>
    codesByKind[kind].map((code) => [`AADSTS${code}`, kind] as const),
  ),
);
