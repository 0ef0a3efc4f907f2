const { FAKE_AZ_TOKEN } = process.env;
if (FAKE_AZ_TOKEN && process.argv.slice(2, 4).join(" ") === "account get-access-token") {
  console.log(JSON.stringify({ accessToken: FAKE_AZ_TOKEN, tokenType: "Bearer" }));
} else {
  console.error("ERROR: Please run 'az login' to setup account.");
  process.exitCode = 1;
}
