using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Accounts;

/// <summary>Fills account A, and looks whether it is as it was.</summary>
internal static class Possessions
{
    /// <summary>Gives A one of everything.</summary>
    public static async Task<Belongings> FillAsync(ApiClient a)
    {
        var customer = $"customer-{Guid.NewGuid():N}";
        var section = $"agent:secret-{Guid.NewGuid():N}";
        var runs = Enumerable.Range(0, 3).Select(_ => $"run-{Guid.NewGuid():N}").ToList();
        var calls = runs.Select(run =>
        {
            var call = Harness.Events.Call(Guid.NewGuid().ToString(), "secret-model");
            call["run_id"] = run;
            call["customer_id"] = customer;
            call["section"] = section;
            call["section_path"] = section;
            return call;
        }).ToList();
        (await a.PostEventsAsync(calls)).Expect(HttpStatusCode.Created);
        (await a.SendAsync(HttpMethod.Put, $"customers/{customer}", a.Account.Token, ApiClient.JsonContent("""{"name":"secret-model","monthly_price_usd":49}"""))).Expect(HttpStatusCode.OK);
        var cap = await a.CreateCapAsync("customer", customer, 0.001m);
        var me = await a.GetAsync("auth/me");
        var page = await a.GetAsync("runs/latest?limit=1");
        var invited = await a.SendAsync(
            HttpMethod.Post, $"tenants/{Crew.Claim(a.Account.Token, "acct")}/invitations", a.Account.Token, ApiClient.JsonContent("""{"email":"invited@example.com","role":"viewer"}"""));
        return new Belongings(
            a.Account.Email, cap, me.GetProperty("api_keys")[0].GetProperty("id").GetString()!, runs[0], customer, section,
            (string)calls[0]["id"]!, page.GetProperty("next_cursor").GetString() ?? "", await HoldAsync(a))
        {
            SessionId = Crew.Claim(a.Account.Token, "sid"),
            AccountId = Crew.Claim(a.Account.Token, "acct"),
            UserId = me.GetProperty("user").GetProperty("id").GetString()!,
            InvitationId = invited.Expect(HttpStatusCode.OK).GetProperty("id").GetString()!,
        };
    }

    private static async Task<string> HoldAsync(ApiClient a)
    {
        var answer = await a.SendWithKeyAsync(HttpMethod.Post, "caps/check", new JsonObject
        {
            ["model"] = "gpt-4o",
            ["estimate"] = new JsonObject { ["input_tokens"] = 1, ["max_output_tokens"] = 1 },
        });
        return answer.Expect(HttpStatusCode.OK).GetProperty("hold_id").GetString()!;
    }

    /// <summary>What A sees of its own, without what A's own reading changes.</summary>
    public static async Task<string> SnapshotAsync(ApiClient a) =>
        string.Join(
            '\n',
            (await a.GetAsync("caps/")).GetRawText(),
            (await a.GetAsync("caps/holds")).GetRawText(),
            (await a.GetAsync("caps/settings")).GetRawText(),
            (await a.GetAsync("tenants")).GetRawText(),
            (await a.GetAsync("pricing")).GetRawText(),
            (await a.GetAsync("customers")).GetRawText(),
            (await a.GetAsync($"tenants/{Crew.Claim(a.Account.Token, "acct")}/invitations")).GetRawText(),
            (await a.GetAsync("runs/latest")).GetProperty("items").GetRawText(),
            (await a.GetAsync("stats/by-customer?hours=24")).GetProperty("items").GetRawText(),
            string.Join(',', (await a.GetAsync("auth/me")).GetProperty("api_keys").EnumerateArray().Select(key => key.GetProperty("id").GetString())));
}
