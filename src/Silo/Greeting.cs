namespace LlmObserve.Silo;

/// <summary>What the terminal shows once requests are served.</summary>
internal static class Greeting
{
    public static string For(Server server)
    {
        var api = server.ApiAddresses[0].GetLeftPart(UriPartial.Authority);
        var addresses =
            $"""

              API        {string.Join("  ", server.ApiAddresses.Select(address => address.GetLeftPart(UriPartial.Authority)))}
              Dashboard  {string.Join("  ", server.WebAddresses.Select(address => address.GetLeftPart(UriPartial.Authority)))}
              Data       {server.Data.Path}

            """;
        var next =
            $$"""

              Sign up, and keep the API key of the answer, which is shown once:

                curl -X POST {{api}}/auth/signup -H 'content-type: application/json' \
                  -d '{"email":"you@example.com","password":"a long sentence of yours"}'

              Then point an SDK's collector URL at {{api}}, or watch an example: ./dev demo --url {{api}}

            """;
        return addresses + (server.HasUsers ? "" : next) + "\n  Ctrl-C stops.\n\n";
    }
}
