using LlmObserve.Api.Http;
using LlmObserve.Domain.Faults;
using Microsoft.AspNetCore.Identity;

namespace LlmObserve.Api.Users;

/// <summary>
/// Hashes and checks passwords. That is slow on purpose, so it is done by few at a time and off the threads of requests: a flood of sign-ins
/// must not starve ingest and checks.
/// </summary>
internal sealed class Passwords : IDisposable
{
    /// <summary>NIST's least; the hash takes care of the rest.</summary>
    public const int MinLength = 8;

    /// <summary>Longer than any phrase; a megabyte would be hashed as well.</summary>
    public const int MaxLength = 128;

    /// <summary>About a second of hashing on a core. Who comes when so many wait is told to come back.</summary>
    public const int MaxWaiting = 32;

    /// <summary>A quarter of the machine.</summary>
    private static readonly int s_maxAtOnce = Math.Max(1, Environment.ProcessorCount / 4);

    private static readonly object s_nobody = new();

    private readonly IPasswordHasher<object> _hasher;
    private readonly SemaphoreSlim _places = new(s_maxAtOnce);
    private readonly string _hashOfNobody;
    private int _waiting;

    public Passwords(IPasswordHasher<object> hasher)
    {
        _hasher = hasher;
        // Now: the first address that nobody has must not take twice as long.
        _hashOfNobody = hasher.HashPassword(s_nobody, Guid.NewGuid().ToString());
    }

    /// <summary>Judges a new password; what is wrong with it is put on the list.</summary>
    /// <param name="fields">The body that it is in.</param>
    /// <param name="field">The name under which.</param>
    /// <param name="password">As it was typed; one that is missing has its fault already.</param>
    /// <param name="email">The address that goes with it; may be empty.</param>
    public static void Judge(JsonFields fields, string field, string password, string email)
    {
        if (password.Length is > 0 and < MinLength)
        {
            fields.Add(new Fault(field, FaultCodes.OutOfRange, $"{field} needs at least {MinLength} characters."));
        }
        else if (password.Length > 0 && CommonPasswords.IsCommon(password, email))
        {
            fields.Add(TooCommon(field));
        }
    }

    /// <summary>What is wrong with a password that is guessed first.</summary>
    public static Fault TooCommon(string field) => new(
        field, FaultCodes.TooCommon, $"{field} is one of those that are guessed first; take a few words that only you put together.");

    /// <summary>The hash to store; null where too many wait already.</summary>
    public Task<string?> HashAsync(string password, CancellationToken cancellationToken) =>
        RunAsync<string?>(() => _hasher.HashPassword(s_nobody, password), null, cancellationToken);

    /// <summary>
    /// Whether the password fits the hash; null where too many wait already. Takes as long where there is no hash, so that nobody learns from
    /// the clock which addresses exist.
    /// </summary>
    public Task<bool?> VerifyAsync(string? hash, string password, CancellationToken cancellationToken) => RunAsync<bool?>(
        () => _hasher.VerifyHashedPassword(s_nobody, hash ?? _hashOfNobody, password) != PasswordVerificationResult.Failed && hash is not null,
        null,
        cancellationToken);

    public void Dispose() => _places.Dispose();

    private async Task<T> RunAsync<T>(Func<T> work, T busy, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > MaxWaiting)
            {
                return busy;
            }

            await _places.WaitAsync(cancellationToken);
            try
            {
                return await Task.Run(work, cancellationToken);
            }
            finally
            {
                _places.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
