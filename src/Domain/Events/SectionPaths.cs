using System.Text;

namespace LlmObserve.Domain.Events;

/// <summary>
/// Which section paths are counted under their own name. People put ids into paths by mistake (<c>checkout/order-8f3a</c>); the sums by section
/// must not grow with those.
/// </summary>
public static class SectionPaths
{
    /// <summary>Stands for all paths of a day that are not counted under their own name.</summary>
    public const string Others = "…";

    /// <summary>
    /// Paths of an account that are counted by name, each day: more than a tree on a page can show, and with ten models 10,000 rows of a rollup.
    /// </summary>
    public const int MaxPerDay = 1_000;

    /// <summary>In UTF-8: with its agent, provider and model it has to fit into a row of an index, which takes 2,700.</summary>
    public const int MaxBytes = 1_000;

    private const int MaxBytesPerChar = 3;

    /// <summary>Whether the path is short enough.</summary>
    public static bool Fits(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Length * MaxBytesPerChar <= MaxBytes || Encoding.UTF8.GetByteCount(path) <= MaxBytes;
    }
}
