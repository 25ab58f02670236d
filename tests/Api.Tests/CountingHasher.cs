using Microsoft.AspNetCore.Identity;

namespace LlmObserve.Api.Tests;

/// <summary>The server's own hasher, with a count of what it was asked: work is time, and can be compared exactly.</summary>
internal sealed class CountingHasher : IPasswordHasher<object>
{
    private readonly PasswordHasher<object> _hasher = new();
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>What happens right after the next password was looked at; once.</summary>
    public Action? AfterNext { get; set; }

    public string HashPassword(object user, string password)
    {
        Interlocked.Increment(ref _calls);
        return _hasher.HashPassword(user, password);
    }

    public PasswordVerificationResult VerifyHashedPassword(object user, string hashedPassword, string providedPassword)
    {
        Interlocked.Increment(ref _calls);
        var result = _hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
        var after = AfterNext;
        AfterNext = null;
        after?.Invoke();
        return result;
    }
}
