using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using LlmObserve.Api.Http;
using LlmObserve.Domain.Clerk;

namespace LlmObserve.Api.Clerk;

/// <summary>Asks Clerk's Backend API who somebody is: <c>GET /v1/users/{id}</c>. Never the way to sign in, which needs no answer of it.</summary>
internal sealed partial class ClerkPeople(ClerkOptions options, HttpClient http, TimeProvider time, ILogger<ClerkPeople> log)
{
    /// <summary>Somebody waits for a first page; what is not known then comes by webhook.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>A user with all metadata that they may have takes some 40 kB.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Whom the id names; null where Clerk does not say now. <see cref="ClerkAnswer.IsGone"/> where there is no such user.</summary>
    public async Task<ClerkAnswer?> FindAsync(ClerkInstance instance, string user, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // The id has letters, digits and underscores alone: see ClerkClaims.
            using var question = new HttpRequestMessage(HttpMethod.Get, $"{options.ApiUrl.AbsoluteUri.TrimEnd('/')}/v1/users/{user}");
            question.Headers.Authorization = new AuthenticationHeaderValue("Bearer", instance.SecretKey);
            using var answer = await http.SendAsync(question, either.Token);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                return new ClerkAnswer(null);
            }

            answer.EnsureSuccessStatusCode();
            using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(either.Token));
            var fields = document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonFields(document.RootElement)
                : throw new JsonException("The answer is no object.");
            var found = ClerkObjects.User(fields, version: 0);
            return fields.HasFaults || found.Id != user ? throw new JsonException("The answer is no user.") : new ClerkAnswer(found);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is HttpRequestException or OperationCanceledException or IOException or JsonException)
        {
            LogFailed(log, user, e.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Clerk's API did not say who {User} is: {Reason}")]
    private static partial void LogFailed(ILogger log, string user, string reason);
}

/// <summary>What Clerk says of a user's id.</summary>
/// <param name="User">Null where there is no such user, or no longer.</param>
internal sealed record ClerkAnswer(ClerkUser? User)
{
    public bool IsGone => User is null;
}
