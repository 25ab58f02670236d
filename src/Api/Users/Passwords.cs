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

    private readonly PasswordHasher<object> _hasher = new();
    private readonly SemaphoreSlim _places = new(s_maxAtOnce);
    private readonly Lazy<string> _hashOfNobody;
    private int _waiting;

    public Passwords() => _hashOfNobody = new Lazy<string>(() => _hasher.HashPassword(s_nobody, Guid.NewGuid().ToString()));

    /// <summary>The hash to store; null where too many wait already.</summary>
    public Task<string?> HashAsync(string password, CancellationToken cancellationToken) =>
        RunAsync<string?>(() => _hasher.HashPassword(s_nobody, password), null, cancellationToken);

    /// <summary>
    /// Whether the password fits the hash; null where too many wait already. Takes as long where there is no hash, so that nobody learns from
    /// the clock which addresses exist.
    /// </summary>
    public Task<bool?> VerifyAsync(string? hash, string password, CancellationToken cancellationToken) => RunAsync<bool?>(
        () => _hasher.VerifyHashedPassword(s_nobody, hash ?? _hashOfNobody.Value, password) != PasswordVerificationResult.Failed && hash is not null,
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
