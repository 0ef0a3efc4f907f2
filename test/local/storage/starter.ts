/** A process that starts the storage, tells where it is, and stays until it is killed. */
import { ensureCertificate } from "../../../local/certificate.ts";
import { startStorage } from "../../../local/storage/storage.ts";

const [directory = ""] = process.argv.slice(2);
const certificate = await ensureCertificate(directory);
const { endpoint, processId } = await startStorage({ port: 0, certificate, containers: [] });
console.log(JSON.stringify({ endpoint, processId }));
