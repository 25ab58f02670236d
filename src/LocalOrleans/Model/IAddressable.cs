namespace Orleans.Runtime;

/// <summary>Anything that a reference can stand for: a grain or an observer.</summary>
public interface IAddressable;
