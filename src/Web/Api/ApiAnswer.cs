namespace LlmObserve.Web.Api;

/// <summary>What the API answered: a value, or why there is none.</summary>
/// <param name="Value">Set where the answer was good.</param>
/// <param name="Problem">Set where it was not.</param>
public sealed record ApiAnswer<T>(T? Value, ApiProblem? Problem)
    where T : class;

/// <summary>Why the API did not do what it was asked for.</summary>
/// <param name="Status">The HTTP status; 0 where the API did not answer.</param>
/// <param name="Code">Stable; pages decide by it.</param>
/// <param name="Detail">A sentence for people.</param>
/// <param name="Errors">Every fault of what was sent.</param>
public sealed record ApiProblem(int Status, string Code, string Detail, IReadOnlyList<ApiFault>? Errors)
{
    /// <summary>Something that this page found out by itself.</summary>
    public static ApiProblem Local(string detail) => new(422, "invalid", detail, null);

    /// <summary>The page's own address names nothing that there could be.</summary>
    public static ApiProblem Unknown(string detail) => new(404, "not-found", detail, null);

    /// <summary>The API did not answer, or not as it does.</summary>
    public static ApiProblem Silent { get; } = new(0, "silent", "The server does not answer now. Nothing was changed; try again in a moment.", null);
}

/// <summary>One fault of what was sent.</summary>
/// <param name="Path">The field.</param>
/// <param name="Detail">A sentence.</param>
public sealed record ApiFault(string Path, string Detail);
