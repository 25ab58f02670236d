namespace LlmObserve.Silo;

/// <summary>What the terminal shows once requests are served.</summary>
internal static class Greeting
{
    public static string For(Server server)
    {
        var addresses = "\n" + Line("API", server.ApiAddresses) + Line("Dashboard", server.WebAddresses) + $"  Data       {server.Data.Path}\n";
        var next = !server.HasUsers && server.TakesPasswords && server.ApiAddresses.Count > 0 ? Next(server.ApiAddresses[0]) : "";
        return addresses + next + "\n  Ctrl-C stops.\n\n";
    }

    private static string Line(string name, IReadOnlyList<Uri> addresses) => addresses.Count == 0
        ? ""
        : $"  {name,-9}  {string.Join("  ", addresses.Select(address => address.GetLeftPart(UriPartial.Authority)))}\n";

    private static string Next(Uri address)
    {
        var api = address.GetLeftPart(UriPartial.Authority);
        return
            $$"""

              Sign up, and keep the API key of the answer, which is shown once:

                curl -X POST {{api}}/auth/signup -H 'content-type: application/json' \
                  -d '{"email":"you@example.com","password":"a long sentence of yours"}'

              Then point an SDK's collector URL at {{api}}, or watch an example: ./dev demo --url {{api}}

            """;
    }
}
