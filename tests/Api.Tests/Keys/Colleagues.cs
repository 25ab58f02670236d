using LlmObserve.Api.Callers;
using LlmObserve.Grains.Interfaces.Users;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace LlmObserve.Api.Tests.Keys;

/// <summary>People who work in somebody else's account.</summary>
internal static class Colleagues
{
    /// <summary>Makes a person a member of another's account: what they send there.</summary>
    public static async Task<HttpClient> JoinAsync(this AppFixture app, TestPerson person, TestPerson owner, string role)
    {
        var tokens = app.Services.GetRequiredService<SessionTokens>();
        var (mine, theirs) = (Claims(tokens, person), Claims(tokens, owner));
        await using var insert = app.Database.CreateCommand("INSERT INTO memberships (account_id, user_id, role, created_at) VALUES ($1, $2, $3, now())");
        insert.Parameters.Add(new() { Value = theirs.Account.Value });
        insert.Parameters.Add(new() { Value = mine.User.Value });
        insert.Parameters.Add(new() { Value = role });
        await insert.ExecuteNonQueryAsync();
        await app.Services.GetRequiredService<IGrainFactory>().GetGrain<IUserGrain>(mine.User.ToString()).RefreshAsync();
        return app.With(tokens.Create(mine with { Account = theirs.Account }));
    }

    private static SessionClaims Claims(SessionTokens tokens, TestPerson person)
    {
        Assert.Equal(SessionTokenOutcome.Valid, tokens.Read(person.Session.DefaultRequestHeaders.Authorization!.Parameter!, out var claims));
        return claims;
    }
}
