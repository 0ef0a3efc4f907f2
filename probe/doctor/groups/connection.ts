import { isLoopback } from "../../../src/core/address.ts";
import { check, finding, group, notApplicable, note, ok } from "../check.ts";
import { openPort, portOf, resolveName, shakeHands, wrongName } from "../network.ts";

const day = 24 * 60 * 60 * 1000;
/** Certificates of the platform are renewed weeks before their end: later, nobody sees to it. */
const renewedBefore = 14 * day;

export const connection = group("connection", "Connection", {
  scheme: check({ after: [] }, async ({ target }) => {
    if (target.protocol === "https:") return ok("https");
    if (isLoopback(target)) return ok("http, which does not leave this machine");
    return finding({
      what: "The URL is plain http.",
      evidence: target.href,
      cause: "The URL was given without https. Tokens must not travel in the clear (RFC 6750).",
      remedy: `Give clients https://${target.host}${target.pathname}, and run the doctor on that.`,
    });
  }),
  name: check({ after: ["connection.scheme"] }, async ({ target }) => {
    const result = await resolveName(target);
    if (!("code" in result)) return ok(result.addresses.join(", "));
    return finding({
      what: "The host's name stands for no address.",
      evidence: `${target.hostname}: ${result.code}`,
      cause:
        "A slip in the URL, an app that is not deployed or was deleted, a custom domain without its DNS record, or a private endpoint asked for from outside its network.",
      remedy:
        "Compare the host with the function app's Default domain in the portal (or azd's output MCP_URL). For a custom domain add the CNAME record; for a private one run the doctor within the network.",
    });
  }),
  port: check({ after: ["connection.name"] }, async ({ target, timeout }) => {
    const result = await openPort(target, timeout);
    if (!("code" in result)) return ok(`port ${portOf(target)}`);
    const isLocal = isLoopback(target);
    return finding({
      what: "Nothing answers at the host and port.",
      evidence: `${target.host}, port ${portOf(target)}: ${result.code}`,
      cause: isLocal
        ? "No server is running at that port of this machine."
        : "A firewall, an address that is reachable from a private network alone, or a network that lets nothing out but through a proxy, which the doctor does not use.",
      remedy: isLocal
        ? "Start it (npm start), or take the port that it prints."
        : "Try from another network. With private endpoints, run the doctor within the virtual network.",
    });
  }),
  certificate: check({ after: ["connection.port"] }, async ({ target, timeout, now }) => {
    if (target.protocol !== "https:") return notApplicable("plain http has no certificate");
    const result = await shakeHands(target, timeout);
    if ("code" in result) {
      return finding({
        what: "The TLS handshake fails.",
        evidence: result.code,
        cause: "What listens there speaks no TLS, or only versions before 1.2.",
        remedy: "Check the port; set the minimum TLS version to 1.2.",
      });
    }
    const { validFrom, validTo, names, distrust, protocol } = result;
    const until = new Date(validTo).toISOString();
    if (now() > validTo || now() < validFrom) {
      const isOver = now() > validTo;
      return finding({
        what: isOver ? "The certificate has expired." : "The certificate is not valid yet.",
        evidence: `valid from ${new Date(validFrom).toISOString()} to ${until}`,
        cause: isOver
          ? "Nobody renewed it. (Or this machine's clock is ahead.)"
          : "This machine's clock is behind, or the certificate was made for later.",
        remedy:
          "Renew it: a certificate that App Service manages renews itself while the domain's DNS record points to the app; one that was uploaded has to be uploaded anew.",
      });
    }
    if (distrust !== undefined) {
      const isName = distrust === wrongName;
      return finding({
        what: isName
          ? "The certificate is for another name."
          : "This machine does not trust the certificate.",
        evidence: `${distrust}; it is for ${names}`,
        cause: isName
          ? "The custom domain has no certificate bound to it, or the name leads to another server."
          : "It is self-signed or of a private authority, the server leaves out an intermediate certificate, or a proxy on the way puts its own in place.",
        remedy: isName
          ? "Bind a certificate for that name: function app, Custom domains, Add binding."
          : "With a private authority, name its certificate in NODE_EXTRA_CA_CERTS, for every client too. Otherwise bind a publicly trusted one, with its chain.",
      });
    }
    return validTo - now() < renewedBefore
      ? note(`${protocol}, ends soon: ${until}. See that it is renewed.`)
      : ok(`${protocol}, until ${until}`);
  }),
});
