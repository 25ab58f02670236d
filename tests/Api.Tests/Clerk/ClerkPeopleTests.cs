using System.Collections.Immutable;
using LlmObserve.Api.Clerk;
using LlmObserve.Domain.Clerk;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmObserve.Api.Tests.Clerk;

public sealed class ClerkPeopleTests : IAsyncLifetime
{
    private const string Ada = """{"id":"user_2a","first_name":"Ada","email_addresses":[{"email_address":"ada@example.com"}],"updated_at":7,"created_at":6}""";

    private readonly FakeClock _clock = new();
    private readonly HttpClient _http = ClerkHttp.Create(ClerkPeople.MaxBytes);
    private ClerkServer _clerk = null!;
    private ClerkPeople _people = null!;
    private ClerkInstance _instance = null!;

    public async Task InitializeAsync()
    {
        _clerk = await ClerkServer.StartAsync();
        _instance = new ClerkInstance(_clerk.Url, "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k", "sk_test_a");
        _people = new ClerkPeople(
            new ClerkOptions([_instance], [], ImmutableHashSet<string>.Empty, new Uri(_clerk.Url)), _http, _clock, NullLogger<ClerkPeople>.Instance);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _clerk.DisposeAsync();
    }

    [Fact]
    public async Task Find_User_AnswersThemBySecretKey()
    {
        _clerk.Users["user_2a"] = Ada;

        Assert.Equal(new ClerkUser("user_2a", "ada@example.com", false, "Ada", 7), (await FindAsync())!.User);
        Assert.Equal("Bearer sk_test_a", _clerk.Authorization);
    }

    [Fact]
    public async Task Find_NobodyOfThatId_IsGone() => Assert.True((await FindAsync())!.IsGone);

    [Theory]
    [InlineData(500, Ada)]
    [InlineData(401, Ada)]
    [InlineData(302, Ada)]
    [InlineData(200, "<html>")]
    [InlineData(200, "[]")]
    [InlineData(200, """{"id":"user_2other"}""")]
    [InlineData(200, """{"id":"user_2a","updated_at":"x"}""")]
    public async Task Find_BadAnswer_IsNone(int status, string body)
    {
        _clerk.Users["user_2a"] = body;
        _clerk.UsersStatus = status;

        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task Find_SilentApi_GivesUp()
    {
        _clerk.Users["user_2a"] = Ada;
        var gate = new TaskCompletionSource();
        _clerk.Gate = gate.Task;
        var finding = FindAsync();

        _clock.Advance(ClerkPeople.Timeout);
        Assert.Null(await finding);
        gate.SetResult();
    }

    private Task<ClerkAnswer?> FindAsync() => _people.FindAsync(_instance, "user_2a", CancellationToken.None);
}
