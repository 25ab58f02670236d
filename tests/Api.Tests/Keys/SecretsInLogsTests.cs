using System.Collections.Concurrent;
using System.Net.Http.Json;
using LlmObserve.Api.Callers;
using LlmObserve.Domain.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmObserve.Api.Tests.Keys;

/// <summary>No line of any category, at its finest, holds a key or a token, wherever in a request somebody put it.</summary>
public sealed class SecretsInLogsTests(AppFixture app) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task Log_OfEveryLevel_HoldsNoKeyAndNoToken()
    {
        using var log = new Lines();
        ListenTo(app.Services, log);
        using var person = await app.SignUpAsync();
        var (session, unknown) = (person.Session.DefaultRequestHeaders.Authorization!.Parameter!, ApiKeyText.Generate().Reveal());
        var made = await person.Session.PostAsJsonAsync("/api-keys", new { name = "logged" }).JsonAsync();
        var rotated = await person.Session.PostAsJsonAsync($"/api-keys/{made.Text("id")}/rotate", new { }).JsonAsync();
        var revoked = await person.Session.PostAsJsonAsync("/api-keys", new { }).JsonAsync();
        await person.Session.DeleteAsync($"/api-keys/{revoked.Text("id")}").JsonAsync();
        string[] secrets = [person.Key, session, made.Text("key"), rotated.Text("key"), revoked.Text("key"), unknown, unknown[..^1] + "#", TestPerson.Password];

        await person.SendAsync(TestEvents.Make("1"));
        foreach (var secret in secrets)
        {
            using var client = new HttpClient { BaseAddress = app.Address };
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + secret);
            client.DefaultRequestHeaders.TryAddWithoutValidation("X-Request-Id", secret);
            foreach (var path in (string[])["/caps/check?model=m", "/events", "/api-keys", "/auth/me", "/nothing"])
            {
                using var get = await client.GetAsync(path);
                using var post = await client.PostAsJsonAsync(path, new { name = "x", email = "nobody@example.com", password = secret });
            }

            // As a fault of their program would have it: in the address, and in bodies.
            using var inPath = await person.Session.DeleteAsync("/api-keys/" + Uri.EscapeDataString(secret));
            using var inQuery = await person.Session.GetAsync("/caps?key=" + Uri.EscapeDataString(secret));
            using var inName = await person.Session.PostAsync("/auth/api-keys?name=" + Uri.EscapeDataString(secret), null);
            using var inBody = await person.Session.PostAsJsonAsync("/api-keys", new { scopes = new[] { secret }, allowed_ips = new[] { secret } });
            using var inLogin = await app.Anyone.PostAsJsonAsync("/auth/login", new { email = person.Email, password = secret });
        }

        Assert.True(log.All.Count > 50, $"Only {log.All.Count} lines were logged.");
        AssertWithout(log, secrets);
    }

    [Fact]
    public async Task Log_OfARequestThatFails_HoldsNoKeyAndNoToken()
    {
        using var log = new Lines();
        await using var host = await ApiHost.StartAsync(web =>
        {
            web.MapGet("/broken/{id}", string (string id) => throw new InvalidOperationException("broken")).Accept(CallerRule.Anyone);
            web.MapGet("/late/{id}", string (string id) => throw new TimeoutException("late")).Accept(CallerRule.Anyone);
        });
        ListenTo(host.Services, log);
        var secret = ApiKeyText.Generate().Reveal();

        foreach (var path in (string[])["/broken/", "/late/"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}{secret}?key={secret}");
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + secret);
            request.Headers.Add("X-Request-Id", path == "/broken/" ? "the-id-of-it" : secret);
            using var response = await host.Client.SendAsync(request);
        }

        var own = log.All.Where(line => line.StartsWith("LlmObserve.", StringComparison.Ordinal)).ToList();
        Assert.Contains(own, line => line.Contains("GET /broken/{id} failed", StringComparison.Ordinal) && line.Contains("the-id-of-it", StringComparison.Ordinal));
        Assert.Contains(own, line => line.Contains("GET /late/{id} answered 503", StringComparison.Ordinal));
        Assert.DoesNotContain(own, line => line.Contains(secret, StringComparison.Ordinal));
    }

    /// <summary>The framework's own lines about addresses are off unless somebody turns them on; ours are all looked at.</summary>
    private static void AssertWithout(Lines log, string[] secrets)
    {
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(
                log.All,
                line => line.Contains(secret, StringComparison.Ordinal)
                    && (line.StartsWith("LlmObserve.", StringComparison.Ordinal) || line.StartsWith("Npgsql", StringComparison.Ordinal)));
        }
    }

    private static void ListenTo(IServiceProvider services, Lines log)
    {
        services.GetRequiredService<IOptionsMonitor<LoggerFilterOptions>>().CurrentValue.MinLevel = LogLevel.Trace;
        services.GetRequiredService<ILoggerFactory>().AddProvider(log);
    }

    /// <summary>Every line, with its category before it and its exception behind it.</summary>
    private sealed class Lines : ILoggerProvider
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Category(categoryName, All);

        public void Dispose()
        {
        }

        private sealed class Category(string name, ConcurrentQueue<string> all) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                all.Enqueue($"{name} {logLevel} {formatter(state, exception)} {exception}");
        }
    }
}
